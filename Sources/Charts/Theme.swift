/// The surroundings that a figure is drawn for.
///
/// Every theme paints its own opaque background, so that a figure stays legible on any page.
public enum Theme: String, Sendable, CaseIterable {
  /// Dark on white; the default, and what print wants.
  case light
  /// Light on near-black.
  case dark
  /// Light or dark as the reader's system prefers; inline in JupyterLab, as its theme says. A
  /// renderer without style sheets shows the light figure.
  case automatic
}

/// A colour for each theme.
struct Paint: Sendable, Hashable {
  let light: Color
  let dark: Color

  init(_ light: Color, dark: Color) {
    self.light = light
    self.dark = dark
  }

  init(_ light: UInt32, dark: UInt32) {
    self.init(Color(light), dark: Color(dark))
  }

  /// The paint of text upon this one.
  var ink: Paint { Paint(light.ink, dark: dark.ink) }

  /// The paint part of the way to the background: an opaque tint.
  func faded(_ fraction: Double) -> Paint {
    Paint(
      light.mixed(with: Paint.background.light, fraction),
      dark: dark.mixed(with: Paint.background.dark, fraction))
  }
}

extension Paint {
  static let background = Paint(0xFFFFFF, dark: 0x15181C)
  static let ink = Paint(0x1F2328, dark: 0xE6EDF3)
  static let quiet = Paint(0x59636E, dark: 0x9EA7B3)
  static let axis = Paint(0x8C959F, dark: 0x6E7781)
  static let grid = Paint(0xE7EAEE, dark: 0x2A2F36)
  static let reference = Paint(0x6E7781, dark: 0x9198A1)
  static let missing = Paint(0xE4E6E9, dark: 0x343A41)
  static let missingHatch = Paint(0xB4BAC1, dark: 0x59616B)

  /// Colours of series: Okabe and Ito's set without its yellow, which is lost on white; the dark
  /// column is lightened. Neighbours differ in lightness, too.
  static let series = [
    Paint(0x0072B2, dark: 0x5FB8F0),
    Paint(0xD55E00, dark: 0xF58A42),
    Paint(0x009E73, dark: 0x35CFA3),
    Paint(0xB8558F, dark: 0xE9A3CB),
    Paint(0xC98A00, dark: 0xF3C14B),
    Paint(0x4A4A4A, dark: 0xCFD4DA),
    Paint(0x3AA0DB, dark: 0xA8DBFA),
    Paint(0x7A3B00, dark: 0xC98C5A),
  ]

  static func series(_ index: Int) -> Paint { series[index % series.count] }

  /// Fills of token categories, in the order text, format, label, query, target that most prompts
  /// use; the third and the fifth are the ones to be found at a glance.
  static let tokens = [
    Paint(0xECEFF2, dark: 0x2C333B),
    Paint(0xD3E5F6, dark: 0x1D3F5E),
    Paint(0xF6A55C, dark: 0xA84F00),
    Paint(0xC9EBDD, dark: 0x17523E),
    Paint(0xE0B4DC, dark: 0x7C3A78),
    Paint(0xF5E3A0, dark: 0x5E4C00),
    Paint(0xBFE3F2, dark: 0x155468),
    Paint(0xF2C6C0, dark: 0x7A2E26),
  ]

  static func token(_ index: Int) -> Paint { tokens[index % tokens.count] }
}
