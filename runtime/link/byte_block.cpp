#include "runtime/link/byte_block.hpp"

#include <sys/mman.h>

#include <new>

namespace troupe {

namespace {

constexpr std::size_t page = 4u << 10;
constexpr std::size_t huge_page = 2u << 20;
constexpr std::size_t smallest_mapping = 256u << 10;

std::uintptr_t rounded_up(std::uintptr_t value, std::size_t unit) {
  return (value + unit - 1) & ~(unit - 1);
}

std::uint8_t* mapping(std::size_t size) {
  auto* taken = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (taken == MAP_FAILED)
    throw std::bad_alloc{};
  return static_cast<std::uint8_t*>(taken);
}

} // namespace

void byte_block_deleter::operator()(std::uint8_t* bytes) const noexcept {
  if (mapped > 0)
    ::munmap(bytes, mapped);
  else
    delete[] bytes;
}

byte_block make_byte_block(std::size_t size) {
  if (size < smallest_mapping)
    return byte_block{new std::uint8_t[size]};
  if (size < huge_page) {
    const auto mapped = rounded_up(size, page);
    return byte_block{mapping(mapped), byte_block_deleter{mapped}};
  }
  const auto mapped = rounded_up(size, huge_page);
  // Huge pages need their alignment: take a page more and give back what is left over at both ends.
  auto* first = mapping(mapped + huge_page);
  const auto address = reinterpret_cast<std::uintptr_t>(first);
  const auto before = rounded_up(address, huge_page) - address;
  if (before > 0)
    ::munmap(first, before);
  ::munmap(first + before + mapped, huge_page - before);
  ::madvise(first + before, mapped, MADV_HUGEPAGE); // refused where there are none
  return byte_block{first + before, byte_block_deleter{mapped}};
}

} // namespace troupe
