import Checkpoints
import LinearAlgebra

extension Family {
  /// Gemma: LLaMA with embeddings scaled by √C, norm weights stored as their distance from 1, and heads
  /// of a size of their own.
  static let gemma = llamaLike("gemma", biases: Biases.ofAttention) { config in
    // Of the first release's files, "gelu" means its approximation by tanh.
    let key = config.has("hidden_activation") ? "hidden_activation" : "hidden_act"
    let activation = try config.activation(key, default: "gelu_pytorch_tanh")
    return try gemmaLike("gemma", config, activation == .geluErf ? .geluTanh : activation)
  }

  /// Gemma 2: Gemma with norms around attention and MLP, capped scores and logits, and a window in
  /// every other layer.
  static let gemma2 = llamaLike("gemma2", biases: Biases.ofAttention) { config in
    var architecture = try gemmaLike(
      "gemma2", config,
      try config.activation("hidden_activation", default: "gelu_pytorch_tanh"))
    architecture.normPlacement = .around
    let scalar = try config.double("query_pre_attn_scalar", default: 256)
    guard Float(scalar) > 0 else {
      throw config.unsupported("query_pre_attn_scalar", expected: "a number above 0")
    }
    architecture.scoreScale = 1 / Float(scalar).squareRoot()
    architecture.scoreCap = try config.softCap("attn_logit_softcapping", default: 50)
    architecture.logitCap = try config.softCap("final_logit_softcapping", default: 30)
    architecture.windows = try windows(config, layers: architecture.layers)
    return architecture
  }

  @Sendable
  private static func gemmaLike(
    _ family: String, _ config: ConfigFile, _ activation: Activation
  ) throws -> Architecture {
    try config.refuse("use_bidirectional_attention", unless: false, default: false)
    var architecture = try config.llamaLike(
      family, headSize: try config.size("head_dim", default: 256), activation: activation,
      tied: true)
    architecture.sharedKeyValueHeads = try config.size("num_key_value_heads")
    architecture.normOffset = 1
    // Rounded to the type that is computed in, as transformers does: here float32.
    architecture.embeddingScale = Float(architecture.width).squareRoot()
    return architecture
  }

  /// `layer_types` says which layers see a window; without it, every other one does, the first included.
  @Sendable
  private static func windows(_ config: ConfigFile, layers: Int) throws -> [Int?] {
    let window = try config.slidingWindow(default: 4096)
    guard let types = try config.array("layer_types") else {
      return (0..<layers).map { $0 % 2 == 0 ? window : nil }
    }
    let known = ["sliding_attention": window, "full_attention": nil]
    let windows = types.compactMap { $0.string.flatMap { known[$0] } }
    guard windows.count == layers, types.count == layers else {
      throw config.unsupported(
        "layer_types",
        expected: "\"full_attention\" or \"sliding_attention\" for each of \(layers) layers")
    }
    return windows
  }
}
