import Foundation
import Testing

@testable import JupyterKernel

@Suite("Kernel specs")
struct KernelSpecTests {
  let spec = KernelSpec(
    arguments: ["/bin/echo", "{connection_file}"], displayName: "Echo", language: "echo",
    environment: ["A": "b"], metadata: ["c": true], files: ["logo-svg.svg": Data("<svg/>".utf8)])

  @Test("Names are of ASCII letters, digits, hyphens, dots and underscores")
  func names() {
    for name in ["fathom", "Fathom-2.0_b"] { #expect(KernelSpec.isValid(name: name)) }
    for name in ["", ".", "..", "a b", "a/b", "é", "a\n"] {
      #expect(!KernelSpec.isValid(name: name))
      #expect(throws: KernelSpecError.invalidName(name)) {
        try spec.install(as: name, in: .user)
      }
    }
  }

  @Test("The folders are those of Jupyter")
  func folders() throws {
    func path(_ location: KernelSpec.Location, _ environment: [String: String]) throws -> String {
      try location.dataFolder(environment: environment).path
    }
    #expect(try path(.prefix(URL(fileURLWithPath: "/p")), [:]) == "/p/share/jupyter")
    #expect(try path(.user, ["JUPYTER_DATA_DIR": "/j", "XDG_DATA_HOME": "/x"]) == "/j")
    #if os(Linux)
      #expect(try path(.user, ["XDG_DATA_HOME": "/x", "HOME": "/h"]) == "/x/jupyter")
      #expect(try path(.user, ["HOME": "/h"]) == "/h/.local/share/jupyter")
    #endif
    #expect(try path(.activeEnvironment, ["CONDA_PREFIX": "/c"]) == "/c/share/jupyter")
    #expect(
      try path(.activeEnvironment, ["CONDA_PREFIX": "/c", "VIRTUAL_ENV": "/v"])
        == "/v/share/jupyter")
    #expect(throws: KernelSpecError.noEnvironment) { try path(.activeEnvironment, [:]) }
  }

  @Test("What is installed is what Jupyter reads, and can be removed")
  func installation() throws {
    let prefix = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: prefix) }
    let folder = try spec.install(as: "Echo", in: .prefix(prefix))
    #expect(folder.path == prefix.path + "/share/jupyter/kernels/echo")
    let data = try Data(contentsOf: folder.appendingPathComponent("kernel.json"))
    let json = try #require(Content.decode(JSON.self, from: data))
    #expect(json["argv"] == ["/bin/echo", "{connection_file}"])
    #expect(json["display_name"] == "Echo")
    #expect(json["interrupt_mode"] == "message")
    #expect(json["env"] == ["A": "b"])
    var copy = KernelSpec(arguments: ["x"], displayName: "", language: "")
    copy.addLogos(from: folder)
    #expect(copy.files == spec.files)
    #expect(throws: KernelSpecError.noConnectionFile) {
      try copy.install(as: "x", in: .prefix(prefix))
    }
    #expect(try KernelSpec.uninstall("echo", from: .prefix(prefix)))
    #expect(try !KernelSpec.uninstall("echo", from: .prefix(prefix)))
  }
}
