/// What a kernel says about itself and its language.
public struct KernelInformation: Sendable, Equatable {
  /// The name of the kernel's implementation, for example `fathom`.
  public var implementation: String
  /// The version of the implementation.
  public var version: String
  /// A greeting, shown by consoles when they start.
  public var banner: String
  /// The language that the kernel executes.
  public var language: Language
  /// Entries of the front end's help menu.
  public var helpLinks: [HelpLink]

  public init(
    implementation: String, version: String, banner: String, language: Language,
    helpLinks: [HelpLink] = []
  ) {
    self.implementation = implementation
    self.version = version
    self.banner = banner
    self.language = language
    self.helpLinks = helpLinks
  }

  /// A language, as front ends need to know it to highlight and to save source.
  public struct Language: Sendable, Equatable {
    public var name: String
    public var version: String
    /// The MIME type of a script in this language.
    public var mimeType: String
    /// The extension of a script file, with its dot.
    public var fileExtension: String
    /// The Pygments lexer for static highlighting; the front end falls back on `name`.
    public var pygmentsLexer: String?
    /// The CodeMirror mode for live highlighting; the front end falls back on `name`.
    public var codeMirrorMode: String?
    /// The nbconvert exporter that writes scripts; nil for the general one.
    public var exporter: String?

    public init(
      name: String, version: String, mimeType: String, fileExtension: String,
      pygmentsLexer: String? = nil, codeMirrorMode: String? = nil, exporter: String? = nil
    ) {
      self.name = name
      self.version = version
      self.mimeType = mimeType
      self.fileExtension = fileExtension
      self.pygmentsLexer = pygmentsLexer
      self.codeMirrorMode = codeMirrorMode
      self.exporter = exporter
    }
  }

  /// One entry of the help menu.
  public struct HelpLink: Sendable, Equatable, Codable {
    public var text: String
    public var url: String

    public init(text: String, url: String) {
      self.text = text
      self.url = url
    }
  }
}
