extension Decoder {
  /// Bytes of memory that one thread works in, beside the weights, for prompts of so many tokens.
  ///
  /// - Parameter gradient: whether attention's gradient is computed, too, as saliency needs.
  public func workspaceBytes(tokens: Int, gradient: Bool) -> Int {
    let plan = MemoryPlan(architecture, tokens: tokens, members: 1, gradient: gradient)
    return Workspace.bytes(architecture, plan: plan)
  }
}
