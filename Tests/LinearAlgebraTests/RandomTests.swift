import Testing

@testable import LinearAlgebra

/// The digests were computed with NumPy 2.4.6: FNV-1a over the drawn numbers, a number at a time.
struct Digest {
  var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ numbers: [Int]) {
    for number in numbers {
      value = (value ^ UInt64(number)) &* 1_099_511_628_211
    }
  }
}

private let sizes = [
  0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 32, 33, 100, 255, 256, 257, 872, 1000, 5452,
]

@Suite("Random numbers that agree with NumPy's")
struct RandomTests {
  // MARK: The legacy generator

  @Test("The Mersenne Twister starts with the words of seed 42")
  func twisterWords() {
    var random = LegacyNumPyRandom(seed: 42)
    #expect((0..<3).map { _ in random.next() } == [1_608_637_542, 3_421_126_067, 4_083_286_876])
  }

  @Test("The legacy shuffle is NumPy's for 52 seeds and every size")
  func legacyShuffle() {
    var digest = Digest()
    for seed in Array(0..<50) + [UInt32.max, 1 << 31] {
      for size in sizes {
        var random = LegacyNumPyRandom(seed: seed)
        digest.add(random.permutation(size))
      }
    }
    #expect(digest.value == 0x7C15_0003_E28B_EDC1)
  }

  @Test("The legacy shuffle is NumPy's on whole training sets")
  func legacyShuffleOfLargeLists() {
    var digest = Digest()
    for seed: UInt32 in [42, 43, 100_000] {
      for size in [30160, 67349, 100_000] {
        var random = LegacyNumPyRandom(seed: seed)
        digest.add(random.permutation(size))
      }
    }
    #expect(digest.value == 0x2F85_9C19_D173_35F5)
  }

  @Test("Drawing with replacement is NumPy's below small, 32-bit and larger bounds")
  func legacyChoice() {
    let bounds = [
      1, 2, 3, 6, 86, 256, 257, 835, 37569, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 32) + 1,
      (1 << 40) + 12345,
    ]
    var digest = Digest()
    for seed: UInt32 in 0..<100 {
      var random = LegacyNumPyRandom(seed: seed)
      for bound in bounds {
        for count in [0, 1, 2, 5, 7] { digest.add(random.choice(below: bound, count: count)) }
      }
    }
    #expect(digest.value == 0x5FCA_1D27_B0DE_16AC)
  }

  @Test("Drawing below nothing draws nothing")
  func emptyChoice() {
    var random = LegacyNumPyRandom(seed: 1)
    #expect(random.choice(below: 0, count: 3).isEmpty)
    #expect(random.choice(below: -4, count: 3).isEmpty)
    #expect(random.choice(below: 4, count: -1).isEmpty)
  }

  @Test("Seeds derived from the legacy state are those of the datasets library")
  func derivedSeeds() {
    var random = LegacyNumPyRandom(seed: 42)
    #expect(
      (0..<4).map { _ in random.derivedSeed() } == [
        42, 4_170_412_009, 3_342_822_751, 1_210_243_767,
      ])
    var other = LegacyNumPyRandom(seed: 43)
    #expect((0..<2).map { _ in other.derivedSeed() } == [43, 1_759_555_731])
  }

  @Test(
    "Re-weighting visits its training examples in the paper's order",
    arguments: [
      (42, [3, 4, 2, 7, 6, 1, 5, 0], [3, 7, 4, 0, 2, 1, 6, 5]),
      (43, [7, 2, 5, 6, 1, 4, 0, 3], [0, 7, 4, 6, 3, 1, 5, 2]),
      (
        42, [6, 15, 11, 10, 9, 3, 0, 7, 12, 5, 2, 4, 14, 1, 13, 8],
        [6, 15, 12, 14, 10, 4, 5, 7, 8, 11, 3, 1, 2, 0, 9, 13]
      ),
      (
        42,
        [16, 15, 18, 19, 9, 7, 17, 23, 6, 10, 3, 0, 20, 12, 5, 11, 14, 22, 2, 4, 21, 1, 13, 8],
        [16, 1, 22, 19, 7, 15, 4, 10, 6, 20, 3, 18, 14, 23, 11, 5, 13, 9, 2, 8, 0, 12, 17, 21]
      ),
    ])
  func trainingOrder(seed: Int, first: [Int], second: [Int]) {
    var random = LegacyNumPyRandom(seed: UInt32(seed))
    var order = Array(first.indices)
    for expected in [first, second] {
      var generator = PermutedCongruential(seed: UInt64(random.derivedSeed()))
      order = generator.permutation(order.count).map { order[$0] }
      #expect(order == expected)
    }
  }

  // MARK: PCG64

  @Test("PCG64 starts with the words of seed 42")
  func congruentialWords() {
    var random = PermutedCongruential(seed: 42)
    #expect(
      (0..<3).map { _ in random.next() } == [
        0xC621_FBCD_16D9_2688, 0x705A_5661_A791_FFC1, 0xDBCD_12C2_6EDA_1624,
      ])
  }

  @Test("A permutation is default_rng's for 54 seeds and every size")
  func permutation() {
    var digest = Digest()
    for seed in Array(0..<50) + [UInt64(UInt32.max), 1 << 32, 1 << 63 + 5, .max] {
      for size in sizes {
        var random = PermutedCongruential(seed: seed)
        digest.add(random.permutation(size))
      }
    }
    #expect(digest.value == 0x5B77_1A65_F519_C39B)
  }

  @Test("A permutation is default_rng's on whole test sets")
  func largePermutation() {
    var digest = Digest()
    for seed: UInt64 in [42, 43, 100_000] {
      for size in [7600, 65536, 67349, 100_000] {
        var random = PermutedCongruential(seed: seed)
        digest.add(random.permutation(size))
      }
    }
    #expect(digest.value == 0xD9A7_2703_4089_E95B)
  }

  // MARK: The paper

  @Test(
    "Seeds 42 and 43 draw the paper's demonstrations and test rows",
    arguments: [
      (42, 67349, 872, [66730, 29890, 45801, 29352, 19858, 15364], [726, 737, 51, 482, 426, 330]),
      (
        42, 120_000, 7600, [71787, 67218, 54066, 7168, 29618, 101_425],
        [2265, 1411, 5980, 1416, 6312, 5588]
      ),
      (42, 5452, 500, [3408, 371, 453, 290, 4457, 393], [473, 132, 472, 46, 40, 232]),
      (
        42, 30160, 5509, [217, 27071, 21613, 12484, 8890, 27868],
        [2760, 1774, 779, 677, 5204, 4852]
      ),
      (43, 67349, 872, [56695, 61991, 47842, 63698, 36833, 1898], [146, 848, 716, 529, 320, 666]),
      (
        43, 120_000, 7600, [8711, 38069, 77462, 38061, 30520, 73904],
        [7196, 5442, 1143, 3988, 6517, 2215]
      ),
      (43, 5452, 500, [4627, 2383, 5038, 3710, 1412, 1307], [320, 275, 14, 327, 362, 496]),
      (
        43, 30160, 5509, [13868, 21506, 4071, 5618, 5588, 5103],
        [400, 4260, 3015, 4534, 3362, 5223]
      ),
    ])
  func paperRows(seed: Int, trainCount: Int, testCount: Int, train: [Int], test: [Int]) {
    var legacy = LegacyNumPyRandom(seed: UInt32(seed))
    #expect(Array(legacy.permutation(trainCount).prefix(6)) == train)
    var modern = PermutedCongruential(seed: UInt64(seed))
    #expect(Array(modern.permutation(testCount).prefix(6)) == test)
  }
}
