#include "runtime/link/byte_block.hpp"

#include <sys/mman.h>

#include <new>

namespace troupe {

namespace {

constexpr std::size_t huge_page = 2u << 20;

std::uintptr_t rounded_up(std::uintptr_t value) {
  return (value + huge_page - 1) & ~(huge_page - 1);
}

} // namespace

void byte_block_deleter::operator()(std::uint8_t* bytes) const noexcept {
  if (mapped > 0)
    ::munmap(bytes, mapped);
  else
    delete[] bytes;
}

byte_block make_byte_block(std::size_t size) {
  if (size < huge_page)
    return byte_block{new std::uint8_t[size]};
  const auto mapped = rounded_up(size);
  // Huge pages need their alignment: take a page more and give back what is left over at both ends.
  auto* taken = ::mmap(nullptr, mapped + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (taken == MAP_FAILED)
    throw std::bad_alloc{};
  auto* first = static_cast<std::uint8_t*>(taken);
  const auto before = rounded_up(reinterpret_cast<std::uintptr_t>(first)) - reinterpret_cast<std::uintptr_t>(first);
  if (before > 0)
    ::munmap(first, before);
  ::munmap(first + before + mapped, huge_page - before);
  ::madvise(first + before, mapped, MADV_HUGEPAGE); // refused where there are none
  return byte_block{first + before, byte_block_deleter{mapped}};
}

} // namespace troupe
