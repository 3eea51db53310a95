import Files

/// A GGUF file as a model in Hugging Face's terms: what config.json would say, and the tensors under the
/// names they would have.
struct GGUFModel {
  let file: GGUFFile
  let architecture: GGUFArchitecture
  private(set) var config = JSONObject([])
  private(set) var tensors: [String: TensorEntry] = [:]

  /// - Throws: ``GGUFViolation`` if the metadata lacks something, or says something of the model that is
  ///   not computed.
  init(_ file: GGUFFile) throws(GGUFViolation) {
    self.file = file
    let key = "general.architecture"
    guard let value = file.metadata[key] else { throw .missingKey(key) }
    guard case .string(let name) = value else {
      throw .value(key: key, expected: "a text", found: value.text)
    }
    if case .integer(let parts) = file.metadata["split.count"], parts > 1 { throw .part(of: parts) }
    guard let architecture = GGUFArchitecture.all.first(where: { $0.name == name }) else {
      throw .unknownArchitecture(name, known: GGUFArchitecture.all.map(\.name))
    }
    self.architecture = architecture
    try checkKeys()
    tensors = try renamed()
    config = JSONObject(try configMembers())
  }

  // MARK: - Metadata

  /// The value of a key, which is given without the architecture's name in front.
  func value(_ key: String) -> GGUFValue? { file.metadata[fullKey(key)] }

  func fullKey(_ key: String) -> String { architecture.name + "." + key }

  /// A whole number, or that of all layers if they are listed and alike.
  private func number(_ key: String) throws(GGUFViolation) -> Int? {
    switch value(key) {
    case nil: return nil
    case .integer(let number): return number
    case .list(let list):
      guard let numbers = list.integers, let first = numbers.first,
        numbers.allSatisfy({ $0 == first })
      else { throw unsupported(key, expected: "the same in all layers") }
      return first
    default: throw unsupported(key, expected: "a whole number")
    }
  }

  func requiredInt(_ key: String) throws(GGUFViolation) -> Int {
    guard let number = try number(key) else { throw .missingKey(fullKey(key)) }
    return number
  }

  func int(_ key: String, default value: Int) -> Int { (try? number(key)) ?? value }

  func unsupported(_ key: String, expected: String) -> GGUFViolation {
    .value(key: fullKey(key), expected: expected, found: value(key)?.text ?? "not there")
  }

  /// Every key that speaks of the model is one that is understood: what is passed over could change the
  /// mathematics.
  private func checkKeys() throws(GGUFViolation) {
    let known = Set(architecture.keys.map(\.stored))
      .union(architecture.silentKeys).union(GGUFArchitecture.silentKeys)
    for key in file.metadata.keys.sorted() where key.hasPrefix(architecture.name + ".") {
      guard known.contains(String(key.dropFirst(architecture.name.count + 1))) else {
        throw .unknownKey(key, architecture: architecture.name)
      }
    }
    if try number("expert_count") ?? 0 > 0 {
      throw unsupported("expert_count", expected: "0, a model without experts")
    }
    if case .boolean(false) = value("attention.causal") {
      throw unsupported("attention.causal", expected: "true")
    }
  }

  private func configMembers() throws(GGUFViolation) -> [(key: String, value: JSONValue)] {
    var members: [String: JSONValue] = ["model_type": .string(architecture.modelType(self))]
    for key in architecture.keys {
      switch value(key.stored) {
      case nil:
        if key.isRequired { throw .missingKey(fullKey(key.stored)) }
      case .list: members[key.name] = .integer(try requiredInt(key.stored))
      case let value?: members[key.name] = value.json
      }
    }
    members.merge(try architecture.further(self)) { $1 }
    return members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  // MARK: - Tensors

  func hasTensor(_ name: String) -> Bool { file.tensors[name] != nil }

  /// The tensors under Hugging Face's names; those that the table does not have keep their own, so that
  /// a message about them names what is in the file.
  private func renamed() throws(GGUFViolation) -> [String: TensorEntry] {
    let table = Dictionary(
      architecture.names.map { ($0.stored, $0) }, uniquingKeysWith: { $1 })
    var result: [String: TensorEntry] = [:]
    for (name, tensor) in file.tensors where !architecture.buffers.contains(name) {
      var (found, entry) = (name, tensor)
      if let dot = name.lastIndex(of: ".") {
        let (stem, layer) = Self.withoutLayer(name[..<dot])
        if let row = table[stem] {
          found = row.name.replacing("#", with: layer) + name[dot...]
          entry = tensor.arranged(try arrangement(row.arrangement, tensor))
        }
      }
      guard result.updateValue(entry, forKey: found) == nil else {
        throw .repeatedTensor(found)
      }
    }
    return result
  }

  /// `blk.12.attn_q` as `blk.#.attn_q` and `12`.
  private static func withoutLayer(_ name: Substring) -> (String, String) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "blk" else { return (String(name), "") }
    return ("blk.#.\(parts[2])", String(parts[1]))
  }

  private func arrangement(
    _ arrangement: GGUFArchitecture.Arrangement, _ tensor: TensorEntry
  ) throws(GGUFViolation) -> TensorEntry.Arrangement {
    switch arrangement {
    case .usual: return .usual
    case .transposed: return tensor.shape.count == 2 ? .transposed : .usual
    case .partByPart: return .partByPart
    case .raised: return .raised
    case .interleavedHeads(let key):
      var heads = try number(key)
      if heads == nil { heads = try requiredInt("attention.head_count") }
      guard let heads, heads > 0, let rows = tensor.shape.first, rows % heads == 0,
        rows / heads % 2 == 0
      else { throw unsupported(key, expected: "a number of heads that \(tensor.name) has") }
      return .interleaved(size: rows / heads)
    }
  }
}
