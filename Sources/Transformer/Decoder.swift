import Checkpoints
import Foundation
import LinearAlgebra

/// A decoder-only language model that can be run and differentiated. Immutable; safe to share.
public final class Decoder: Sendable {
  public let architecture: Architecture
  public let checkpoint: Checkpoint
  let weights: DecoderWeights
  let buffers: [FloatBuffer]
  let workspaces = WorkspacePool()

  /// Loads the model in a folder as Hugging Face leaves it on disk, `config.json` and safetensors, or a
  /// GGUF file. Matrices stay memory-mapped, in 32 or 16 bits or in blocks; only vectors of 16 bits are
  /// widened.
  ///
  /// - Throws: ``ModelError`` or `CheckpointError`, saying what is wrong with which file.
  public init(folder: URL) throws {
    let checkpoint = try Checkpoint(folder: folder)
    let config = checkpoint.config
    let family = try Family.named(by: config)
    let architecture = try family.architecture(config)
    try architecture.check(path: config.path)
    let reader = TensorReader(checkpoint, config: config)
    weights = try family.weights(architecture, reader)
    try reader.checkEverythingWasUsed()
    buffers = reader.buffers
    self.architecture = architecture
    self.checkpoint = checkpoint
  }

  /// The same weights, or others, under another architecture: for tests that show that a wrong one is
  /// noticed.
  init(
    _ other: Decoder, computingAs architecture: Architecture, weights: DecoderWeights? = nil
  ) {
    self.architecture = architecture
    checkpoint = other.checkpoint
    self.weights = weights ?? other.weights
    buffers = other.buffers
  }
}

extension Architecture {
  /// What a number of layers, heads, tokens and the like may be: products of a few of them stay far
  /// from the end of the integers.
  static let sizes = 1...1 << 24

  /// - Throws: ``ModelError/configuration(path:_:)`` for sizes that no model can have.
  func check(path: String) throws(ModelError) {
    let sizes = [
      ("number of layers", layers), ("number of heads", heads), ("width", width),
      ("number of key and value heads", keyValueHeads), ("size of a head", headSize),
      ("inner width", innerWidth), ("width of the token embedding", embeddingWidth),
      ("vocabulary", vocabulary), ("context", context),
    ]
    for (name, size) in sizes where !Self.sizes.contains(size) {
      throw .configuration(path: path, "the \(name) is \(size), which no model has")
    }
    guard heads % keyValueHeads == 0 else {
      throw .configuration(
        path: path, "\(heads) heads cannot share \(keyValueHeads) key and value heads evenly")
    }
  }
}

/// Workspaces that are not in use, so that the next prompt of a like size allocates nothing.
final class WorkspacePool: Sendable {
  private let idle = Locked<[Workspace]>([])

  func take(_ architecture: Architecture, _ plan: MemoryPlan) -> Workspace {
    let found = idle.withLock { workspaces -> Workspace? in
      guard let index = workspaces.firstIndex(where: { $0.fits(plan) }) else { return nil }
      return workspaces.remove(at: index)
    }
    return found ?? Workspace(architecture, plan: plan)
  }

  /// Keeps the workspace for later; of too many, the one that was used longest ago is let go.
  func giveBack(_ workspace: Workspace) {
    idle.withLock { workspaces in
      workspaces.append(workspace)
      if workspaces.count > 2 * Machine.cores { workspaces.removeFirst() }
    }
  }
}
