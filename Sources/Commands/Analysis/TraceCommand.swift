import Charts
import Checkpoints
import CommandLanguage
import InContext
import InformationFlow
import Transformer

/// Everything inside the model while it reads one prompt.
struct TraceCommand: AnalysisCommand {
  static let group = "inside the model"
  static let summary = "Everything inside the model while it reads one prompt, as tensors to save."
  static let discussion = """
    Saved as .safetensors it holds logits and, a tensor a layer, hidden (T, C), query (H, T, d), key \
    and value (H, T, d; fewer where heads share them), attention and attention_gradient (H, T, T) and saliency (T, T), to be read from NumPy \
    or PyTorch; of a prompt with label words also what its fields lens and attribution show, lens, \
    head_attribution, mlp_attribution, bias_attribution, token_attribution and position_attribution. Its fields are tokens, logits, loss and labels, the label words' logits; lens, those logits as \
    the final norm and the head read them from the stream after every block (nostalgebraist 2020); \
    and attribution, what the embedding, each head, each MLP and the biases write toward them, with \
    the scale of norms held, so that the parts add up to the logits before a soft cap \
    (Elhage et al. 2021). A value's bias counts as its heads', an MLP's as the MLP's.


    """ + InterventionOptions.discussion
  static let examples = [
    "t = trace mini (prompt sst2)", "save t \"trace.safetensors\"", "t.lens | plot",
    "t.attribution | plot", "trace mini (prompt sst2) ablate=\"3.1\"",
  ]

  @Input("The model to look into.") var model: Model
  @Input("The prompt.") var prompt: PromptObject
  let changes = InterventionOptions()

  /// What is kept of a prompt; of one without an answer, no gradient.
  static func captures(of prompt: Prompt) -> Captures {
    let forward: Captures = [
      .logits, .hidden, .queriesKeysValues, .attention, .lens, .attribution,
    ]
    return prompt.answer == nil ? forward : forward.union([.attentionGradient, .saliency])
  }

  func run(in session: Session) throws -> TraceResult {
    let written = try prompt.prompt(for: model)
    let pass = written.pass(
      capturing: Self.captures(of: written),
      interventions: try changes.interventions(on: written, for: model))
    let trace = try session.monitored(unit: "prompts", total: 1) {
      try model.decoder.run(pass, threads: session.threads, monitor: $0)
    }
    return TraceResult(
      trace: trace, prompt: written, model: model,
      recipe: Recipe(
        self, in: session, model: model, dataset: prompt.dataset, leavingOut: changes.meaningless))
  }
}

/// The tensors of one prompt.
struct TraceResult: Plottable, TensorSource {
  static let typeName = "trace"

  let trace: Trace
  let prompt: Prompt
  let model: Model
  let recipe: Recipe

  var summary: String {
    let loss = trace.loss.map { ", loss \(Double($0).text(digits: 4)) nats" } ?? ""
    return "trace of \(model.name): \(prompt.tokens.count.grouped) tokens, "
      + "\(model.architecture.layers) layers\(loss)"
  }

  var tensors: [SafetensorsWriter.Tensor] {
    let shape = model.architecture
    let (T, H, d, C) = (prompt.tokens.count, shape.heads, shape.headSize, shape.width)
    var tensors: [SafetensorsWriter.Tensor] = [
      .init("tokens", shape: [T], integers: prompt.tokens.map(Int64.init)),
      .init("logits", shape: [trace.logits.count], floats: trace.logits),
    ]
    func add(_ name: String, _ layers: [[Float]], _ shape: [Int]) {
      for (layer, values) in layers.enumerated() {
        tensors.append(.init("\(name).\(layer)", shape: shape, floats: values))
      }
    }
    add("hidden", trace.hidden, [T, C])
    add("query", trace.queries, [H, T, d])
    add("key", trace.keys, [shape.keyValueHeads, T, d])
    add("value", trace.values, [shape.keyValueHeads, T, d])
    add("attention", trace.attention, [H, T, T])
    add("attention_gradient", trace.attentionGradient, [H, T, T])
    add("saliency", trace.saliency, [T, T])
    if !prompt.labelTokens.isEmpty {
      let K = prompt.labelTokens.count
      add("lens", trace.lens, [K])
      add("head_attribution", trace.headAttribution, [H, K])
      add("mlp_attribution", trace.mlpAttribution, [K])
      add("bias_attribution", trace.biasAttribution, [K])
      tensors.append(.init("token_attribution", shape: [K], floats: trace.tokenAttribution))
      if !trace.positionAttribution.isEmpty {
        tensors.append(.init("position_attribution", shape: [K], floats: trace.positionAttribution))
      }
    }
    return tensors
  }

  var fieldNames: [String] { ["tokens", "logits", "loss", "labels", "lens", "attribution"] }

  func field(_ name: String) -> Value? {
    switch name {
    case "tokens": prompt.tokens.value
    case "logits": trace.logits.value
    case "loss": trace.loss.map { Double($0).value } ?? .nothing
    case "labels": trace.labelLogits.value
    case "lens": .object(lens)
    case "attribution": .object(attribution)
    default: nil
    }
  }

  /// What flows to the target, token by token, summed over layers; without an answer, the attention.
  func figure(titled title: String?) throws -> any Figure {
    let T = prompt.tokens.count
    var flow = [Double](repeating: 0, count: T)
    let isSaliency = !trace.saliency.isEmpty
    for layer in isSaliency ? trace.saliency : trace.attention {
      let rows = isSaliency ? 1 : model.architecture.heads
      for row in 0..<rows {
        for token in 0..<T {
          flow[token] += Double(layer[(row * T + T - 1) * T + token])
        }
      }
    }
    let name = isSaliency ? "Saliency to the target" : "Attention of the target"
    return try TokenMap(
      title: title ?? "\(name), all layers", subtitle: "\(model.name), \(T.grouped) tokens",
      tokens: zip(prompt.pieces, flow).enumerated().map { index, token in
        .init(token.0, value: token.1, details: "position \(index)")
      },
      valueName: name)
  }
}
