import Testing

@testable import CommandLanguage

@Suite("Progress")
struct ProgressTests {
  @Test("A long command updates one line at most ten times a second and ends in one line")
  func long() throws {
    let clock = ToyClock()
    let recorder = Recorder()
    let session = toySession(output: recorder, clock: clock)
    session.progress(unit: "prompts", total: 1_000) { progress in
      for _ in 0..<1_000 {
        clock.advance(0.0123)
        progress.advance()
      }
    }
    let log = recorder.log
    #expect(log.first == "display: 25 of 1,000 prompts · 0.3 s · 12.0 s left")
    #expect(log.last == "update: 1,000 prompts · 12.3 s · 81 prompts/s")
    #expect(log.count <= 123)
  }

  @Test("A quick command shows nothing")
  func quick() {
    let clock = ToyClock()
    let recorder = Recorder()
    toySession(output: recorder, clock: clock).progress(unit: "prompts", total: 10) { progress in
      for _ in 0..<10 {
        clock.advance(0.02)
        progress.advance()
      }
    }
    #expect(recorder.log.isEmpty)
  }

  @Test("With progress=false nothing is shown, of grids neither")
  func silent() throws {
    let clock = ToyClock()
    let recorder = Recorder()
    let session = toySession(output: recorder, clock: clock)
    try session.set("progress", to: .boolean(false))
    session.progress(unit: "runs", total: 3) { runs in
      clock.advance(1)
      session.progress(unit: "prompts", total: 10) { $0.advance(to: 4) }
      runs.advance()
    }
    #expect(recorder.log.isEmpty)
  }

  @Test("What is stopped says how far it came")
  func stopped() {
    let clock = ToyClock()
    let recorder = Recorder()
    let session = toySession(output: recorder, clock: clock)
    #expect(throws: Interrupted.self) {
      try session.progress(unit: "prompts", total: 10) { progress in
        clock.advance(1)
        progress.advance(to: 4)
        session.interrupt()
        try session.checkInterrupt()
      }
    }
    #expect(recorder.log.last == "update: 4 of 10 prompts · 1.0 s · stopped")
  }

  @Test("An inner line of progress is told by the outer one")
  func nested() {
    let clock = ToyClock()
    let recorder = Recorder()
    let session = toySession(output: recorder, clock: clock)
    session.progress(unit: "runs", total: 2) { outer in
      for _ in 0..<2 {
        session.progress(unit: "prompts", total: 4) { inner in
          for _ in 0..<4 {
            clock.advance(0.5)
            inner.advance()
          }
        }
        outer.advance()
      }
    }
    #expect(recorder.log.first == "display: 0 of 2 runs · 0.5 s · 1 of 4 prompts")
    #expect(recorder.log.filter { $0.hasPrefix("display") }.count == 1)
    #expect(recorder.log.last == "update: 2 runs · 4.0 s · 0.50 runs/s")
  }

  @Test("Durations read well")
  func durations() {
    #expect(
      [0.04, 12.34, 99.9, 100, 245, 7_800].map(ProgressLine.duration)
        == ["0.0 s", "12.3 s", "99.9 s", "1 min 40 s", "4 min 05 s", "2 h 10 min"])
  }
}
