import CommandLanguage
import Foundation
import LinearAlgebra

/// Says what runs on what.
struct VersionCommand: Command {
  static let group = "session"
  static let summary = "Versions of Fathom and its parts, and the machine."
  static let examples = ["version"]

  func run(in session: Session) -> Table {
    let environment = ProcessInfo.processInfo.environment
    var rows = [
      ("Fathom", Fathom.version),
      ("Swift", Self.swift),
      ("OpenBLAS", BLAS.configuration),
      ("OpenBLAS core", BLAS.core),
      ("products with weights", Self.products),
      ("threads", "\(session.threads) of \(Machine.cores) processors"),
      ("machine", Self.processor),
      ("memory", ByteCount.text(Int(clamping: ProcessInfo.processInfo.physicalMemory))),
      ("system", ProcessInfo.processInfo.operatingSystemVersionString),
    ]
    if let forced = environment["OPENBLAS_CORETYPE"], !forced.isEmpty {
      rows.append(
        (
          "note",
          "OPENBLAS_CORETYPE=\(forced) keeps OpenBLAS from choosing kernels for this processor; "
            + "unsetting it may double the speed"
        ))
    }
    return Table(properties: rows)
  }

  private static var products: String {
    switch StoredMatrix.panelColumns {
    case 32: "a kernel of Fathom for AVX-512"
    case 16: "a kernel of Fathom for AVX2"
    default: "OpenBLAS"
    }
  }

  private static var swift: String {
    #if swift(>=6.4)
      "6.4 or later"
    #elseif swift(>=6.3)
      "6.3"
    #elseif swift(>=6.2)
      "6.2"
    #else
      "6.1"
    #endif
  }

  /// The processor's name where the system tells it, else its architecture.
  private static var processor: String {
    let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    for line in information.split(separator: "\n") where line.hasPrefix("model name") {
      if let name = line.split(separator: ":", maxSplits: 1).last {
        return name.trimmingCharacters(in: .whitespaces)
      }
    }
    #if arch(arm64)
      return "arm64"
    #else
      return "x86-64"
    #endif
  }
}
