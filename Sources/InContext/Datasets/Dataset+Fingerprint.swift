import Files

extension Dataset {
  /// SHA-256 of class names and rows in one canonical form: every text after its length in bytes,
  /// so that no two data sets have the same form.
  static func fingerprint(train: [Example], test: [Example], classes: [String]) -> String {
    var bytes: [UInt8] = []
    let textBytes = train.reduce(0) { $0 + $1.text.utf8.count }
    bytes.reserveCapacity(textBytes * 5 / 4 + train.count * 8)
    func append(_ number: Int, _ text: String) {
      for part in [number, text.utf8.count] {
        var digits = part
        repeat {
          bytes.append(UInt8(ascii: "0") + UInt8(digits % 10))
          digits /= 10
        } while digits > 0
        bytes.append(UInt8(ascii: ":"))
      }
      bytes.append(contentsOf: text.utf8)
    }
    append(classes.count, "classes")
    for (id, name) in classes.enumerated() { append(id, name) }
    for (name, examples) in [("train", train), ("test", test)] {
      append(examples.count, name)
      for example in examples { append(example.label, example.text) }
    }
    return bytes.withUnsafeBytes { Fingerprint.sha256(of: $0) }
  }
}
