import CommandLanguage
import InContext
import Transformer

extension Model {
  /// What analyses of a prompt will take in memory, part by part, in megabytes.
  func memory(of prompt: Prompt, threads: Int) -> Table {
    var saliency = prompt.pass()
    saliency.reduceSaliency = { _, _ in [] }
    let passes = [
      ("predict", prompt.pass()), ("saliency", saliency),
      ("trace", prompt.pass(capturing: TraceCommand.captures(of: prompt))),
    ]
    let estimates = passes.map { decoder.memory(of: $0.1, threads: threads) }
    let alone = passes.map { decoder.memory(of: $0.1, threads: 1) }
    func row(_ part: String, _ bytes: [Int]) -> [Value] {
      [.string(part)] + bytes.map { .number(Double($0) / 1e6) }
    }
    return Table(
      columns: ["part"] + passes.map(\.0),
      rows: [
        row("weights read from the file", estimates.map(\.mapped)),
        row("weights widened to float32", estimates.map(\.widened)),
        row("workspace of \(threads) threads", estimates.map(\.workspace)),
        row("tensors kept", estimates.map(\.captures)),
        row("total", estimates.map(\.total)),
        row("workspace a thread, of many prompts", alone.map(\.workspace)),
      ],
      caption:
        "memory in MB that \(name) takes for a prompt of \(prompt.tokens.count.grouped) tokens")
  }
}
