import Files
import Foundation

/// Writes safetensors files that NumPy, PyTorch and Fathom itself can read.
public enum SafetensorsWriter {
  /// A tensor to be written.
  public struct Tensor: Sendable {
    /// The elements, row by row.
    public enum Elements: Sendable {
      /// Written as F32.
      case floats([Float])
      /// Written as I64.
      case integers([Int64])

      var type: ElementType {
        switch self {
        case .floats: .float32
        case .integers: .int64
        }
      }

      var count: Int {
        switch self {
        case .floats(let values): values.count
        case .integers(let values): values.count
        }
      }
    }

    public let name: String
    public let shape: [Int]
    public let elements: Elements

    public init(_ name: String, shape: [Int], floats: [Float]) {
      self.init(name, shape: shape, .floats(floats))
    }

    public init(_ name: String, shape: [Int], integers: [Int64]) {
      self.init(name, shape: shape, .integers(integers))
    }

    public init(_ name: String, shape: [Int], _ elements: Elements) {
      self.name = name
      self.shape = shape
      self.elements = elements
    }
  }

  /// Writes tensors and metadata as one file, which is complete or absent.
  ///
  /// The same input gives the same bytes: tensors are ordered by falling alignment, then by
  /// name, metadata by key.
  ///
  /// - Throws: ``CheckpointError/unwritable(tensor:reason:)`` if a shape does not fit its
  ///   elements or a name occurs twice; ``CheckpointError/file(_:)`` if the file cannot be
  ///   written.
  public static func write(
    _ tensors: [Tensor], metadata: [String: String] = [:], to url: URL
  ) throws(CheckpointError) {
    let ordered = tensors.sorted {
      ($1.elements.type.block.bytes, $0.name) < ($0.elements.type.block.bytes, $1.name)
    }
    var bytes = try header(ordered, metadata: metadata)
    for tensor in ordered {
      switch tensor.elements {
      case .floats(let values): values.withUnsafeBytes { bytes.append(contentsOf: $0) }
      case .integers(let values): values.withUnsafeBytes { bytes.append(contentsOf: $0) }
      }
    }
    do {
      try AtomicFile.write(bytes, to: url)
    } catch {
      throw .file(error)
    }
  }

  /// The header with its length, padded so that the data starts on an 8-byte boundary.
  private static func header(
    _ tensors: [Tensor], metadata: [String: String]
  ) throws(CheckpointError) -> [UInt8] {
    var members: [(key: String, value: JSONValue)] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }
      members.append(
        ("__metadata__", .object(JSONObject(pairs.map { ($0.key, .string($0.value)) }))))
    }
    var names: Set<String> = ["__metadata__"]
    var offset = 0
    for tensor in tensors {
      guard names.insert(tensor.name).inserted else {
        throw .unwritable(tensor: tensor.name, reason: "there is another of that name")
      }
      guard tensor.shape.allSatisfy({ $0 >= 0 }),
        product(tensor.shape) == tensor.elements.count
      else {
        throw .unwritable(
          tensor: tensor.name,
          reason: "shape \(tensor.shape) does not fit \(tensor.elements.count) elements")
      }
      let end = offset + tensor.elements.count * tensor.elements.type.block.bytes
      members.append(
        (
          tensor.name,
          [
            "dtype": .string(tensor.elements.type.rawValue),
            "shape": .array(tensor.shape.map(JSONValue.integer)),
            "data_offsets": [.integer(offset), .integer(end)],
          ]
        ))
      offset = end
    }
    var text = Array(JSONValue.object(JSONObject(members)).text.utf8)
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    let length = UInt64(text.count).littleEndian
    return withUnsafeBytes(of: length) { Array($0) } + text
  }

  /// The product, or nil if it is beyond `Int`.
  private static func product(_ sizes: [Int]) -> Int? {
    var result = 1
    for size in sizes {
      let (product, overflow) = result.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      result = product
    }
    return result
  }
}
