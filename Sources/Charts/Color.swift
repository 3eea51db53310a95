import Foundation

/// An opaque sRGB colour.
public struct Color: Sendable, Hashable {
  public let red: UInt8
  public let green: UInt8
  public let blue: UInt8

  /// A colour from 0xRRGGBB.
  public init(_ hex: UInt32) {
    red = UInt8(truncatingIfNeeded: hex >> 16)
    green = UInt8(truncatingIfNeeded: hex >> 8)
    blue = UInt8(truncatingIfNeeded: hex)
  }

  init(red: Double, green: Double, blue: Double) {
    func byte(_ value: Double) -> UInt8 { UInt8(max(0, min(255, value.rounded()))) }
    self.red = byte(red)
    self.green = byte(green)
    self.blue = byte(blue)
  }

  /// `#rrggbb`.
  public var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = [UInt8(ascii: "#")]
    for part in [red, green, blue] {
      text.append(digits[Int(part >> 4)])
      text.append(digits[Int(part & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Relative luminance, 0 (black) to 1 (white), as WCAG 2 defines it.
  public var luminance: Double {
    func linear(_ part: UInt8) -> Double {
      let value = Double(part) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  /// Contrast ratio with another colour, 1 to 21, as WCAG 2 defines it.
  public func contrast(with other: Color) -> Double {
    let (one, two) = (luminance + 0.05, other.luminance + 0.05)
    return max(one, two) / min(one, two)
  }

  /// The colour a fraction of the way to another one.
  public func mixed(with other: Color, _ fraction: Double) -> Color {
    func between(_ one: UInt8, _ two: UInt8) -> Double {
      Double(one) + (Double(two) - Double(one)) * fraction
    }
    return Color(
      red: between(red, other.red), green: between(green, other.green),
      blue: between(blue, other.blue))
  }

  /// Text on this colour, at 4.5 : 1 or more: black or white, softened where the contrast stays
  /// above 7 : 1.
  ///
  /// One of pure black and pure white always reaches sqrt(21) = 4.58.
  public var ink: Color {
    for soft in [Color(0x1F2328), Color(0xE6EDF3)] where contrast(with: soft) >= 7 { return soft }
    let (black, white) = (Color(0x000000), Color(0xFFFFFF))
    return contrast(with: white) >= contrast(with: black) ? white : black
  }
}
