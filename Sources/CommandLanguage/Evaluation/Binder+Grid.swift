extension Binder {
  /// More runs than this in one statement are a mistake.
  static let maximumRuns = 10_000

  /// Runs a command for every combination of the values of the lifted parameters.
  func grid<C: Command>(
    _ type: C.Type, fixed: [(index: Int, converted: any ConvertedArgument)],
    lifted: [LiftedParameter]
  ) throws(LanguageError) -> Grid {
    let axes = lifted.map(\.axis)
    var count = 1
    for axis in axes {
      count = count.multipliedReportingOverflow(by: axis.count).partialValue
      guard count <= Self.maximumRuns else {
        throw .argument(
          "the lists ask for more than \(Self.maximumRuns.grouped) runs of \(type.name).",
          at: call.span)
      }
    }
    do {
      let cells = try session.progress(unit: "runs", total: count) { progress in
        var cells: [Value] = []
        for index in 0..<count {
          if session.isInterrupted { throw LanguageError.interrupted(at: call.verbSpan) }
          let coordinates = Grid.coordinates(of: index, sizes: axes.map(\.count))
          let command = type.init()
          let parameters = command.parameters
          for (index, converted) in fixed { converted.put(into: parameters[index].box) }
          for (lifted, position) in zip(lifted, coordinates) {
            lifted.converted[position].put(into: parameters[lifted.index].box)
          }
          cells.append(try cell(command, index, of: count, axes: axes, coordinates))
          progress.advance()
        }
        return cells
      }
      return Grid(verb: type.name, axes: axes, cells: cells)
    } catch {
      throw LanguageError(error)
    }
  }

  /// One run; an error says which.
  private func cell(
    _ command: some Command, _ index: Int, of count: Int, axes: [Grid.Axis], _ coordinates: [Int]
  ) throws(LanguageError) -> Value {
    do {
      return try run(command).value
    } catch {
      guard !session.isInterrupted, count > 1 else { throw error }
      let place = zip(axes, coordinates).map { "\($0.name)=\($0.labels[$1])" }
      var located = error
      located.hint =
        (error.hint.map { $0 + "\n" } ?? "")
        + "in run \(index + 1) of \(count): \(place.joined(separator: " "))"
      throw located
    }
  }
}
