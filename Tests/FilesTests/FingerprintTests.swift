import Files
import Testing

@Suite("Fingerprints")
struct FingerprintTests {
  @Test("SHA-256 of nothing and of 'abc' are the ones in FIPS 180-4")
  func knownAnswers() {
    #expect(
      Fingerprint.sha256(of: "")
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      Fingerprint.sha256(of: "abc")
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test("Hashing piece by piece equals hashing the whole")
  func pieces() {
    let bytes: [UInt8] = Array(0...200)
    let whole = Fingerprint.sha256(of: bytes)
    let parts = bytes.withUnsafeBytes {
      Fingerprint.sha256(ofPieces: [
        UnsafeRawBufferPointer(rebasing: $0[..<17]), UnsafeRawBufferPointer(rebasing: $0[17...]),
      ])
    }
    #expect(whole == parts)
  }
}
