// SPDX-License-Identifier: MIT
// Replaces the global allocation functions of the test program by counting ones.
#include "allocations.hpp"

#include <cstdlib>
#include <new>

namespace {
thread_local bool counting = false;
thread_local unsigned allocations = 0;
} // namespace

void *operator new(std::size_t size) {
    if (counting) ++allocations;
    if (void *memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }

namespace soundwarden::test {

CountAllocations::CountAllocations() {
    allocations = 0;
    counting = true;
}
CountAllocations::~CountAllocations() { counting = false; }
unsigned CountAllocations::so_far() const { return allocations; }

} // namespace soundwarden::test
