// SPDX-License-Identifier: MIT
#include "signal.hpp"

#include "bench/counter.hpp"

#include <cmath>
#include <numbers>
#include <sndfile.h>
#include <stdexcept>

namespace soundwarden::bench {

namespace {

double amplitude(double dbfs) { return std::pow(10.0, dbfs / 20.0); }

/// The same on every channel; phase 0 at the first frame played.
class Tone final : public Signal {
  public:
    Tone(double hertz, double dbfs) : hertz_(hertz), amplitude_(amplitude(dbfs)) {}
    void fill(std::span<float> samples, std::uint32_t, std::uint64_t, std::uint32_t rate) override {
        const double step = 2.0 * std::numbers::pi * hertz_ / static_cast<double>(rate);
        for (std::size_t i = 0; i < samples.size(); ++i)
            samples[i] = static_cast<float>(amplitude_ * std::sin(step * static_cast<double>(played_ + i)));
    }

  private:
    double hertz_, amplitude_;
};

class Square final : public Signal {
  public:
    Square(double hertz, double dbfs) : hertz_(hertz), amplitude_(static_cast<float>(amplitude(dbfs))) {}
    void fill(std::span<float> samples, std::uint32_t, std::uint64_t, std::uint32_t rate) override {
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const double cycles = static_cast<double>(played_ + i) * hertz_ / static_cast<double>(rate);
            samples[i] = cycles - std::floor(cycles) < 0.5 ? amplitude_ : -amplitude_;
        }
    }

  private:
    double hertz_;
    float amplitude_;
};

class Constant final : public Signal {
  public:
    explicit Constant(float level) : level_(level) {}
    void fill(std::span<float> samples, std::uint32_t, std::uint64_t, std::uint32_t) override {
        for (float &sample : samples) sample = level_;
    }

  private:
    float level_;
};

class Counter final : public Signal {
  public:
    void fill(std::span<float> samples, std::uint32_t channel, std::uint64_t position, std::uint32_t) override {
        for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = counter_sample(channel, position + i);
    }
    bool has_level() const override { return false; }
};

/// 1.0 wherever the graph position is a multiple of the period.
class Impulse final : public Signal {
  public:
    explicit Impulse(std::uint64_t period) : period_(period) {
        if (period == 0) throw std::invalid_argument("an impulse needs a period");
    }
    void fill(std::span<float> samples, std::uint32_t, std::uint64_t position, std::uint32_t) override {
        for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = (position + i) % period_ == 0 ? 1.0F : 0.0F;
    }

  private:
    std::uint64_t period_;
};

/// White, even between -1 and 1, repeatable: a hash of seed, channel and frame (splitmix64).
class Noise final : public Signal {
  public:
    explicit Noise(std::uint64_t seed) : seed_(seed) {}
    void fill(std::span<float> samples, std::uint32_t channel, std::uint64_t, std::uint32_t) override {
        for (std::size_t i = 0; i < samples.size(); ++i) {
            std::uint64_t z = seed_ + 0x9e3779b97f4a7c15U * ((played_ + i) * 64 + channel + 1);
            z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
            z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
            z ^= z >> 31U;
            samples[i] = static_cast<float>(static_cast<double>(z >> 11U) * 0x1p-52 - 1.0);
        }
    }

  private:
    std::uint64_t seed_;
};

/// A constant that grows from 0 to 1 and begins again.
class Ramp final : public Signal {
  public:
    explicit Ramp(double seconds) : seconds_(seconds) {}
    void fill(std::span<float> samples, std::uint32_t, std::uint64_t, std::uint32_t rate) override {
        const auto length = static_cast<std::uint64_t>(seconds_ * static_cast<double>(rate)) + 1;
        for (std::size_t i = 0; i < samples.size(); ++i)
            samples[i] = static_cast<float>(static_cast<double>((played_ + i) % length) / static_cast<double>(length));
    }

  private:
    double seconds_;
};

/// A sound file, read into memory first and played in a loop.
class SoundFile final : public Signal {
  public:
    explicit SoundFile(const std::string &path) {
        SNDFILE *file = sf_open(path.c_str(), SFM_READ, &info_);
        if (file == nullptr) throw std::runtime_error(path + ": " + sf_strerror(nullptr));
        samples_.resize(static_cast<std::size_t>(info_.frames) * channels());
        frames_ = static_cast<std::uint64_t>(sf_readf_float(file, samples_.data(), info_.frames));
        sf_close(file);
        if (frames_ == 0) throw std::runtime_error(path + ": no sound in it");
    }
    void fill(std::span<float> samples, std::uint32_t channel, std::uint64_t, std::uint32_t) override {
        const std::uint32_t from = channel % channels();
        for (std::size_t i = 0; i < samples.size(); ++i)
            samples[i] = samples_[(played_ + i) % frames_ * channels() + from];
    }
    std::uint32_t channels() const override { return static_cast<std::uint32_t>(info_.channels); }
    std::uint32_t rate() const override { return static_cast<std::uint32_t>(info_.samplerate); }

  private:
    SF_INFO info_{};
    std::vector<float> samples_;
    std::uint64_t frames_ = 0;
};

} // namespace

std::unique_ptr<Signal> make_signal(const std::vector<std::string> &words) {
    const std::string kind = words.empty() ? "tone" : words[0];
    const auto number = [&](std::size_t index, double otherwise) {
        return words.size() > index ? std::stod(words[index]) : otherwise;
    };
    if (kind == "tone") return std::make_unique<Tone>(number(1, 997.0), number(2, 0.0));
    if (kind == "square") return std::make_unique<Square>(number(1, 1000.0), number(2, 0.0));
    if (kind == "dc") return std::make_unique<Constant>(static_cast<float>(number(1, 1.0)));
    if (kind == "silence") return std::make_unique<Constant>(0.0F);
    if (kind == "counter") return std::make_unique<Counter>();
    if (kind == "impulse") return std::make_unique<Impulse>(static_cast<std::uint64_t>(number(1, 48'000.0)));
    if (kind == "noise") return std::make_unique<Noise>(static_cast<std::uint64_t>(number(1, 1.0)));
    if (kind == "ramp") return std::make_unique<Ramp>(number(1, 1.0));
    if (kind == "file" && words.size() > 1) return std::make_unique<SoundFile>(words[1]);
    throw std::invalid_argument("no signal " + kind);
}

} // namespace soundwarden::bench
