import Foundation

/// Numbers as text: compact, the same in every locale, never "-0".
enum NumberText {
  /// A coordinate in pixels, to a hundredth.
  static func coordinate(_ value: Double) -> String {
    guard value.magnitude < 1e9 else { return "0" }
    let hundredths = Int((value * 100).rounded())
    let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    if rest % 10 == 0 { return "\(sign)\(whole).\(rest / 10)" }
    return "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// A value with a number of decimals.
  static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return special(value) }
    let places = max(0, min(15, decimals))
    let scaled = (value.magnitude * power(places)).rounded()
    guard scaled < 9e15 else { return scientific(value, digits: 3) }
    let digits = String(UInt64(scaled))
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.utf8.count)) + digits
    let sign = value < 0 && scaled > 0 ? "−" : ""
    guard places > 0 else { return sign + padded }
    return sign + padded.dropLast(places) + "." + padded.suffix(places)
  }

  /// A value with a number of significant digits: `0.813`, `12345`, `1.2e-4`, `n/a`.
  static func compact(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite else { return special(value) }
    guard value != 0 else { return "0" }
    guard value.magnitude >= 9.9995e-4, value.magnitude < 999_999.5 else {
      return scientific(value, digits: digits)
    }
    let exponent = Int(log10(value.magnitude).rounded(.down))
    return trimmed(fixed(value, decimals: max(0, digits - 1 - exponent)))
  }

  /// `1.23e-4`.
  static func scientific(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return special(value) }
    guard value != 0 else { return "0" }
    var exponent = Int(log10(value.magnitude).rounded(.down))
    var mantissa = scaled(value, exponent: exponent)
    if (mantissa.magnitude * power(digits - 1)).rounded() >= power(digits) {
      exponent += 1
      mantissa /= 10
    }
    return "\(trimmed(fixed(mantissa, decimals: digits - 1)))e\(exponent)"
  }

  /// `×10⁻⁴`.
  static func timesTenTo(_ exponent: Int) -> String { "×" + tenTo(exponent) }

  /// `10⁻⁴`.
  static func tenTo(_ exponent: Int) -> String {
    let raised: [Character: Character] = [
      "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
      "8": "⁸", "9": "⁹",
    ]
    return "10" + String("\(exponent)".map { raised[$0] ?? $0 })
  }

  /// A count for people: `12,345`.
  static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "−" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// The value divided by a power of ten, without passing through infinity or zero.
  static func scaled(_ value: Double, exponent: Int) -> Double {
    guard exponent < -300 || exponent > 300 else {
      return exponent >= 0 ? value / power(exponent) : value * power(-exponent)
    }
    let half = exponent / 2
    return scaled(scaled(value, exponent: half), exponent: exponent - half)
  }

  static func power(_ exponent: Int) -> Double { pow(10, Double(exponent)) }

  private static func trimmed(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: ".")) else { return text }
    var kept = Substring(text)
    while kept.hasSuffix("0") { kept.removeLast() }
    if kept.hasSuffix(".") { kept.removeLast() }
    return String(kept)
  }

  private static func special(_ value: Double) -> String {
    value.isNaN ? "n/a" : value < 0 ? "−∞" : "∞"
  }
}
