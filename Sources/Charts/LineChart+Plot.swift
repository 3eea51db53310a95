extension LineChart {
  /// One panel with its place and its scales settled.
  struct Plot {
    let chart: LineChart
    let series: [Series]
    /// What each series is told by.
    let marks: [SeriesMark]
    let box: Box
    let x: Scale
    let left: Scale
    let right: Scale?

    func draw(on canvas: inout Canvas) {
      drawReferences(on: &canvas)
      // Where intervals alone leave the axes, markers on the border stay whole.
      canvas.clipped(to: overflows(bands: true) ? box : nil) { canvas in
        for index in series.indices { drawBand(index, on: &canvas) }
      }
      canvas.clipped(to: overflows(bands: false) ? box : nil) { canvas in
        for index in series.indices {
          drawCurve(index, on: &canvas)
          drawMarks(index, on: &canvas)
        }
      }
      if series.allSatisfy({ $0.runs.isEmpty }) { PlotArea(box: box).drawEmptyNote(on: &canvas) }
    }

    private func y(_ one: Series) -> Scale { y(chart.isOnRight(one)) }

    private func y(_ onRight: Bool) -> Scale { onRight ? right ?? left : left }

    /// Whether something lies outside a range that an axis was given.
    private func overflows(bands: Bool) -> Bool {
      !x.domain.contains(chart.xExtent(of: series))
        || (right == nil ? [false] : [false, true]).contains {
          !y($0).domain.contains(chart.yExtent(of: series, right: $0, bands: bands))
        }
    }

    private func drawReferences(on canvas: inout Canvas) {
      for line in chart.references {
        let style = Style(stroke: .reference, dash: "4 3")
        let tooltip = "\(line.name): \(NumberText.compact(line.value, digits: 4))"
        let scale = line.along == .x ? x : y(chart.isOnRight(line))
        guard scale.domain.contains(Extent([line.value])), let place = scale.position(line.value)
        else { continue }
        if line.along == .x {
          canvas.line(place, box.y, place, box.bottom, style: style, tooltip: tooltip)
        } else {
          canvas.line(box.x, place, box.right, place, style: style, tooltip: tooltip)
        }
      }
    }

    private func drawBand(_ index: Int, on canvas: inout Canvas) {
      let (one, paint) = (series[index], marks[index].paint)
      let y = y(one)
      for run in one.runs {
        for stretch in run.split(whereSeparator: { $0.band == nil }) {
          let corners = stretch.compactMap { point -> (x: Double, low: Double, high: Double)? in
            guard let band = point.band, let px = x.position(point.x),
              let low = y.position(band.low), let high = y.position(band.high)
            else { return nil }
            return (px + dodge(index), low, high)
          }
          if corners.count == 1 {
            let (px, low, high) = corners[0]
            canvas.path(
              Header.whisker(x: px, from: low, to: high),
              style: Style(stroke: paint, strokeWidth: 1.25))
          } else {
            let outline =
              Polyline.thinned(corners.map { ($0.x, $0.high) })
              + Polyline.thinned(corners.map { ($0.x, $0.low) }).reversed()
            canvas.path(
              Polyline.path(outline) + (outline.isEmpty ? "" : "Z"),
              style: Style(fill: paint, opacity: 0.17))
          }
        }
      }
    }

    private func drawCurve(_ index: Int, on canvas: inout Canvas) {
      let (one, mark) = (series[index], marks[index])
      var data = ""
      for run in one.runs where run.count > 1 {
        data += Polyline.path(Polyline.thinned(pixels(of: run, y: y(one))))
      }
      canvas.path(
        data, style: Style(stroke: mark.paint, strokeWidth: 2, dash: mark.dash, rounded: true),
        tooltip: one.name)
    }

    /// Series of a single point each stand side by side, or they would hide one another.
    private func dodge(_ index: Int) -> Double {
      let isSingle = series.count > 1 && series.allSatisfy { $0.y.count == 1 }
      return isSingle ? 14 * (Double(index) - Double(series.count - 1) / 2) : 0
    }

    private func pixels(of run: [Series.Point], y: Scale) -> [(Double, Double)] {
      run.compactMap { point in
        guard let px = x.position(point.x), let py = y.position(point.y) else { return nil }
        return (px, py)
      }
    }

    /// Markers on all points of a short curve and on some of a long one, each series at other
    /// places; a tooltip on every point as long as there are not too many.
    private func drawMarks(_ index: Int, on canvas: inout Canvas) {
      let (one, mark) = (series[index], marks[index])
      let y = y(one)
      let points = Array(one.runs.joined())
      let lonely = one.runs.filter { $0.count == 1 }.count == points.count
      let isShort = points.count <= 26 || lonely && points.count <= 500
      let every = max(1, points.count / 9)
      let phase = isShort || series.count == 1 ? 0 : every * index / series.count
      for (place, point) in points.enumerated() {
        guard let px = x.position(point.x), let py = y.position(point.y) else { continue }
        let shifted = px + dodge(index)
        let tooltip = points.count <= 600 ? self.tooltip(one, point) : nil
        if isShort || series.count > 1 && place % every == phase {
          canvas.path(
            mark.marker.path(shifted, py, radius: 3.4),
            style: Style(fill: mark.paint, stroke: .background, strokeWidth: 0.75), tooltip: tooltip
          )
        } else if let tooltip {
          canvas.circle(px, py, radius: 4, style: Style(), tooltip: tooltip)
        }
      }
    }

    private func tooltip(_ one: Series, _ point: Series.Point) -> String {
      let place = chart.x.title.isEmpty ? "x" : chart.x.title
      var text = "\(one.name)\n\(place) \(NumberText.compact(point.x, digits: 6)): "
      text += NumberText.compact(point.y, digits: 4)
      if let band = point.band {
        text += "\n\(chart.bandName): \(NumberText.compact(band.low, digits: 4)) to "
        text += NumberText.compact(band.high, digits: 4)
      }
      return text
    }
  }
}
