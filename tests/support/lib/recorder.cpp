// SPDX-License-Identifier: MIT
#include "recorder.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>

namespace soundwarden::bench {

Recorder::File Recorder::create(const std::string &path) {
    File file{std::fopen(path.c_str(), "wbe")};
    if (!file) throw std::system_error(errno, std::generic_category(), path);
    return file;
}

Recorder::Recorder(RecorderWriter &writer, const std::string &path_prefix, std::uint32_t channels)
    : writer_(writer), path_(path_prefix), channels_(channels),
      ring_(std::make_unique_for_overwrite<std::byte[]>(ring_bytes)), raw_(create(path_prefix + ".raw")),
      index_(create(path_prefix + ".idx")) {
    RecordingHeader header;
    header.channels = channels;
    header.cycle_size = sizeof(RecordingCycle);
    std::fwrite(&header, sizeof header, 1, index_.get());
    std::fflush(index_.get());
    writer_.add(*this);
}

Recorder::~Recorder() {
    writer_.remove(*this);
    drain();
}

void Recorder::put(std::uint64_t at, std::span<const std::byte> bytes) noexcept {
    const std::size_t offset = at % ring_bytes;
    const std::size_t first = std::min<std::size_t>(bytes.size(), ring_bytes - offset);
    std::memcpy(&ring_[offset], bytes.data(), first);
    std::memcpy(&ring_[0], bytes.data() + first, bytes.size() - first);
}

void Recorder::get(std::uint64_t at, std::span<std::byte> bytes) const noexcept {
    const std::size_t offset = at % ring_bytes;
    const std::size_t first = std::min<std::size_t>(bytes.size(), ring_bytes - offset);
    std::memcpy(bytes.data(), &ring_[offset], first);
    std::memcpy(bytes.data() + first, &ring_[0], bytes.size() - first);
}

bool Recorder::has_room(std::uint32_t frames) const noexcept {
    const std::uint64_t need = sizeof(RecordingCycle) + std::uint64_t{frames} * channels_ * sizeof(float);
    const std::uint64_t used = written_.load(std::memory_order_relaxed) - read_.load(std::memory_order_acquire);
    return used + need <= ring_bytes;
}

void Recorder::push(RecordingCycle cycle, std::span<const float> samples) noexcept {
    cycles_.fetch_add(1, std::memory_order_relaxed);
    if ((cycle.flags & cycle_flag::gap) != 0) gaps_.fetch_add(1, std::memory_order_relaxed);
    if (!has_room(cycle.frames)) {
        lost_.fetch_add(1, std::memory_order_relaxed);
        overflowed_ = true;
        return;
    }
    if (overflowed_) cycle.flags |= cycle_flag::overflow;
    overflowed_ = false;
    cycle.file_frame = frames_.load(std::memory_order_relaxed);
    const std::uint64_t at = written_.load(std::memory_order_relaxed);
    put(at, std::as_bytes(std::span{&cycle, 1}));
    put(at + sizeof cycle, std::as_bytes(samples));
    written_.store(at + sizeof cycle + samples.size_bytes(), std::memory_order_release);
    frames_.store(cycle.file_frame + cycle.frames, std::memory_order_relaxed);
    writer_.wake();
}

bool Recorder::drain() {
    std::uint64_t at = read_.load(std::memory_order_relaxed);
    const std::uint64_t end = written_.load(std::memory_order_acquire);
    if (at == end) return false;
    // Samples first and flushed first: who finds an entry in the index finds its samples as well.
    std::vector<RecordingCycle> entries;
    while (at != end) {
        RecordingCycle cycle;
        get(at, std::as_writable_bytes(std::span{&cycle, 1}));
        at += sizeof cycle;
        scratch_.resize(std::size_t{cycle.frames} * channels_ * sizeof(float));
        get(at, scratch_);
        at += scratch_.size();
        std::fwrite(scratch_.data(), 1, scratch_.size(), raw_.get());
        entries.push_back(cycle);
        read_.store(at, std::memory_order_release);
    }
    std::fflush(raw_.get());
    std::fwrite(entries.data(), sizeof(RecordingCycle), entries.size(), index_.get());
    std::fflush(index_.get());
    return true;
}

RecorderWriter::RecorderWriter() : thread_([this] { run(); }) {}

RecorderWriter::~RecorderWriter() {
    quit_ = true;
    wake();
    thread_.join();
}

void RecorderWriter::add(Recorder &recorder) {
    const std::scoped_lock lock(mutex_);
    recorders_.push_back(&recorder);
}

void RecorderWriter::remove(Recorder &recorder) {
    const std::scoped_lock lock(mutex_);
    std::erase(recorders_, &recorder);
}

void RecorderWriter::wake() noexcept {
    pushes_.fetch_add(1, std::memory_order_release);
    pushes_.notify_one();
}

void RecorderWriter::run() {
    while (!quit_) {
        const std::uint32_t seen = pushes_.load(std::memory_order_acquire);
        bool any = false;
        {
            const std::scoped_lock lock(mutex_);
            for (Recorder *recorder : recorders_) any = recorder->drain() || any;
        }
        // Batches what comes in quick succession; without it each cycle would cost a wake-up and two writes.
        if (any)
            std::this_thread::sleep_for(std::chrono::milliseconds{4});
        else
            pushes_.wait(seen, std::memory_order_acquire);
    }
}

} // namespace soundwarden::bench
