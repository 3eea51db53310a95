/// Answer to `kernel_info_request`.
struct KernelInfoReply: Encodable {
  let status = "ok"
  let protocolVersion = ProtocolVersion.text
  let implementation: String
  let implementationVersion: String
  let languageInfo: LanguageInfo
  let banner: String
  let helpLinks: [KernelInformation.HelpLink]
  let debugger = false
  let supportedFeatures: [String] = []

  enum CodingKeys: String, CodingKey {
    case status, implementation, banner, debugger
    case protocolVersion = "protocol_version"
    case implementationVersion = "implementation_version"
    case languageInfo = "language_info"
    case helpLinks = "help_links"
    case supportedFeatures = "supported_features"
  }

  init(_ information: KernelInformation) {
    implementation = information.implementation
    implementationVersion = information.version
    languageInfo = LanguageInfo(language: information.language)
    banner = information.banner
    helpLinks = information.helpLinks
  }

  struct LanguageInfo: Encodable {
    let language: KernelInformation.Language

    enum CodingKeys: String, CodingKey {
      case name, version, mimetype
      case fileExtension = "file_extension"
      case pygmentsLexer = "pygments_lexer"
      case codeMirrorMode = "codemirror_mode"
      case exporter = "nbconvert_exporter"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(language.name, forKey: .name)
      try container.encode(language.version, forKey: .version)
      try container.encode(language.mimeType, forKey: .mimetype)
      try container.encode(language.fileExtension, forKey: .fileExtension)
      try container.encodeIfPresent(language.pygmentsLexer, forKey: .pygmentsLexer)
      try container.encodeIfPresent(language.codeMirrorMode, forKey: .codeMirrorMode)
      try container.encodeIfPresent(language.exporter, forKey: .exporter)
    }
  }
}
