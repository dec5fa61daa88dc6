// SPDX-License-Identifier: MIT
// The sample-exact recorder behind a simulated sink. The data thread hands over blocks through a lock-free ring, one
// writer thread for all recorders stores them (format: bench/recording_format.hpp).
#pragma once

#include "bench/recording_format.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace soundwarden::bench {

class RecorderWriter;

/// One recording. Outlives the sink that fills it: a card that is removed and added again goes on in the same files.
class Recorder {
  public:
    /// Creates `path_prefix`.raw and .idx. Throws std::system_error.
    Recorder(RecorderWriter &writer, const std::string &path_prefix, std::uint32_t channels);
    ~Recorder();
    Recorder(const Recorder &) = delete;
    Recorder &operator=(const Recorder &) = delete;

    /// Data thread; wait-free but for the wake-up of an idle writer. `samples` holds cycle.frames × channels values.
    /// Fills in cycle.file_frame. When the ring is full the cycle is lost and the next one carries the overflow flag.
    void push(RecordingCycle cycle, std::span<const float> samples) noexcept;

    /// Data thread: whether the ring can take `frames` more. A free-running sink waits for it.
    bool has_room(std::uint32_t frames) const noexcept;

    std::uint32_t channels() const { return channels_; }
    const std::string &path() const { return path_; }
    std::uint64_t cycles() const { return cycles_.load(std::memory_order_relaxed); }
    std::uint64_t gaps() const { return gaps_.load(std::memory_order_relaxed); }
    std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }
    std::uint64_t frames() const { return frames_.load(std::memory_order_relaxed); }

    /// Writer thread: stores what has arrived. True when there was something.
    bool drain();

  private:
    static constexpr std::uint64_t ring_bytes = 1U << 23U; // 20 s of stereo at 48 kHz

    void put(std::uint64_t at, std::span<const std::byte> bytes) noexcept;
    void get(std::uint64_t at, std::span<std::byte> bytes) const noexcept;

    struct FileCloser {
        void operator()(std::FILE *file) const { std::fclose(file); }
    };
    using File = std::unique_ptr<std::FILE, FileCloser>;
    static File create(const std::string &path);

    RecorderWriter &writer_;
    std::string path_;
    std::uint32_t channels_;
    std::unique_ptr<std::byte[]> ring_;
    std::atomic<std::uint64_t> written_{0}; // by the data thread
    std::atomic<std::uint64_t> read_{0};    // by the writer thread
    std::atomic<std::uint64_t> cycles_{0}, gaps_{0}, lost_{0}, frames_{0};
    bool overflowed_ = false; // data thread only
    File raw_, index_;
    std::vector<std::byte> scratch_; // writer thread only
};

/// The writer thread. Sleeps without a single wake-up while nothing is recorded.
class RecorderWriter {
  public:
    RecorderWriter();
    ~RecorderWriter();
    RecorderWriter(const RecorderWriter &) = delete;
    RecorderWriter &operator=(const RecorderWriter &) = delete;

    void add(Recorder &recorder);
    void remove(Recorder &recorder);

    /// Data thread: there is something to write.
    void wake() noexcept;

  private:
    void run();

    std::mutex mutex_; // guards recorders_; never taken on the data thread
    std::vector<Recorder *> recorders_;
    std::atomic<std::uint32_t> pushes_{0};
    std::atomic<bool> quit_{false};
    std::thread thread_;
};

} // namespace soundwarden::bench
