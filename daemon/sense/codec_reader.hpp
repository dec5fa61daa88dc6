// SPDX-License-Identifier: MIT
// Reads codec dumps beside the main thread: the kernel wakes a sleeping codec and asks it some hundred questions for each.
#pragma once

#include "loop/loop.hpp"
#include "model/card.hpp"
#include "place.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace soundwarden::sense {

/// Of main thread only. A file that never answers costs one sleeping thread, and that card's pins.
class CodecReader {
  public:
    struct Found {
        std::uint64_t request = 0;
        std::vector<HdaPin> pins{};
        std::vector<SenseTrouble> troubles{}; ///< of source "codec"
    };
    /// `found` is called from the loop. Where there can be no descriptor or no thread, reading is done in read() itself.
    CodecReader(loop::Loop &loop, std::function<void(Found)> found);
    ~CodecReader();
    CodecReader(const CodecReader &) = delete;
    CodecReader &operator=(const CodecReader &) = delete;

    /// `request` comes back in Found; without dumps nothing does.
    void read(std::uint64_t request, std::vector<CodecDump> dumps);

  private:
    struct Shared;
    void heed();

    std::function<void(Found)> found_;
    std::shared_ptr<Shared> shared_;
    std::unique_ptr<loop::Io> io_;
};

} // namespace soundwarden::sense
