extension Decoder {
  /// Bytes of memory that one thread works in, beside the weights, for prompts of so many tokens.
  ///
  /// - Parameter gradient: whether attention's gradient is computed, too, as saliency needs.
  public func workspaceBytes(tokens: Int, gradient: Bool) -> Int {
    let plan = MemoryPlan(architecture, tokens: tokens, members: 1, gradient: gradient)
    let (T, C, inner) = (plan.tokens, architecture.width, architecture.innerWidth)
    let panel = min(Workspace.panelRows, T)
    // What `Workspace` allocates, matrix by matrix.
    let stream = (plan.inputs + 2) * T * C + T * inner
    let blocks = plan.blocks * T * (4 * C + inner)
    let backward = gradient ? T * 4 * C + panel * T + T * T : 0
    return (stream + blocks + panel * T + backward) * MemoryLayout<Float>.stride
  }
}
