import Files

/// Checks the tensors of a file that `torch.save` wrote, and finds their bytes.
struct PyTorchTensorReader {
  let file: MappedFile
  let archive: PyTorchArchive
  /// Bytes that were put in order so far. Tensors may share a storage, and a hostile file could ask
  /// for a copy of one storage a thousand times.
  private var gatheredBytes = 0

  init(file: MappedFile, archive: PyTorchArchive) {
    self.file = file
    self.archive = archive
  }

  /// - Throws: the rule that the tensor breaks, with its name.
  mutating func entry(
    _ name: String, _ tensor: PickleTensor
  ) throws(PyTorchViolation) -> TensorEntry {
    let storage = try place(name, tensor.storage)
    let count = try count(name, tensor)
    let type = tensor.storage.type
    let size = type.block.bytes
    let begin: Int
    let owner: any ByteOwner
    if count == 0 {
      (owner, begin) = (file, storage.lowerBound)
    } else if isInOrder(tensor) {
      (owner, begin) = (file, storage.lowerBound + tensor.offset * size)
    } else {
      gatheredBytes += count * size
      guard count <= tensor.storage.count, gatheredBytes <= file.count else {
        throw .repeatedElements(tensor: name)
      }
      let source = UnsafeRawBufferPointer(rebasing: file.bytes[storage])
      (owner, begin) = (GatheredBytes(tensor, count: count, from: source), 0)
    }
    return TensorEntry(
      name: name, shape: tensor.shape, type: type, owner: owner,
      range: begin..<begin + count * size)
  }

  private func place(
    _ name: String, _ storage: PickleStorage
  ) throws(PyTorchViolation) -> Range<Int> {
    guard let place = archive.storage(storage.key) else {
      throw .noStorage(tensor: name, key: storage.key)
    }
    let (needed, overflow) = storage.count.multipliedReportingOverflow(by: storage.type.block.bytes)
    guard !overflow, place.count == needed else {
      throw .storageSize(tensor: name, bytes: place.count, needed: overflow ? .max : needed)
    }
    return place
  }

  /// How many elements a tensor has, once it is known to lie within its storage.
  private func count(_ name: String, _ tensor: PickleTensor) throws(PyTorchViolation) -> Int {
    guard tensor.offset >= 0, tensor.shape.count == tensor.strides.count,
      tensor.shape.allSatisfy({ $0 >= 0 }), tensor.strides.allSatisfy({ $0 >= 0 })
    else { throw .shape(tensor: name) }
    var count = 1
    var last = tensor.offset
    var overflows = false
    for (size, stride) in zip(tensor.shape, tensor.strides) {
      let product = count.multipliedReportingOverflow(by: size)
      let step = max(0, size - 1).multipliedReportingOverflow(by: stride)
      let sum = last.addingReportingOverflow(step.partialValue)
      overflows = overflows || product.overflow || step.overflow || sum.overflow
      (count, last) = (product.partialValue, sum.partialValue)
    }
    guard !overflows, count == 0 || last < tensor.storage.count else {
      throw .outsideStorage(tensor: name)
    }
    return count
  }

  /// Whether the elements stand one after the other, row by row. Along an axis of one element the
  /// stride means nothing.
  private func isInOrder(_ tensor: PickleTensor) -> Bool {
    var expected = 1
    for (size, stride) in zip(tensor.shape, tensor.strides).reversed() where size != 1 {
      guard stride == expected else { return false }
      expected *= size
    }
    return true
  }
}

/// The elements of a tensor whose storage has them in another order, row by row.
final class GatheredBytes: ByteOwner {
  // An address as an integer is Sendable; nothing writes to it after `init`.
  private let address: UInt
  private let count: Int

  /// - Parameters:
  ///   - tensor: one of at least one element that lies within `source`.
  ///   - count: how many elements it has.
  init(_ tensor: PickleTensor, count: Int, from source: UnsafeRawBufferPointer) {
    let size = tensor.storage.type.block.bytes
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count * size, alignment: 64)
    var index = [Int](repeating: 0, count: tensor.shape.count)
    var element = tensor.offset
    for position in 0..<count {
      let bytes = UnsafeRawBufferPointer(rebasing: source[element * size..<(element + 1) * size])
      UnsafeMutableRawBufferPointer(rebasing: buffer[(position * size)...]).copyMemory(from: bytes)
      // On to the next element: the last axis moves, and those before it when it is through.
      for axis in index.indices.reversed() {
        index[axis] += 1
        element += tensor.strides[axis]
        guard index[axis] == tensor.shape[axis] else { break }
        element -= tensor.shape[axis] * tensor.strides[axis]
        index[axis] = 0
      }
    }
    self.count = count * size
    address = UInt(bitPattern: buffer.baseAddress)
  }

  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count)
  }

  deinit { UnsafeMutableRawPointer(bitPattern: address)?.deallocate() }
}
