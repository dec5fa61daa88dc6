// SPDX-License-Identifier: MIT
// Parameters that a client made by itself: what their lengths say is not believed.
#include "pods.hpp"

#include <spa/param/audio/raw.h>
#include <spa/param/format.h>
#include <spa/param/props.h>
#include <spa/pod/builder.h>

#include <gtest/gtest.h>

#include <array>

namespace soundwarden::pipewire_adapter {
namespace {

/// An object with one property, the pod that `put` builds.
template <class Put> std::vector<std::uint64_t> object(std::uint32_t type, std::uint32_t id, std::uint32_t key, const Put &put) {
    std::vector<std::uint64_t> memory(8192);
    spa_pod_builder builder = SPA_POD_BUILDER_INIT(memory.data(), static_cast<std::uint32_t>(memory.size() * 8));
    spa_pod_frame frame{};
    spa_pod_builder_push_object(&builder, &frame, type, id);
    spa_pod_builder_prop(&builder, key, 0);
    put(builder);
    spa_pod_builder_pop(&builder, &frame);
    return memory;
}
const spa_pod *pod_in(const std::vector<std::uint64_t> &memory) { return reinterpret_cast<const spa_pod *>(memory.data()); }

/// An array of `count` elements of `size` bytes that are said to be of `type`.
std::vector<std::uint64_t> volumes(std::uint32_t type, std::uint32_t size, std::uint32_t count) {
    return object(SPA_TYPE_OBJECT_Props, SPA_PARAM_Props, SPA_PROP_channelVolumes, [&](spa_pod_builder &builder) {
        const std::vector<float> half(std::size_t{size} * count / sizeof(float) + 1, 0.5F);
        spa_pod_builder_array(&builder, size, type, count, half.data());
    });
}

TEST(Pods, VolumesOfAnArrayOfFloatsAreRead) {
    EXPECT_EQ(parse_props(pod_in(volumes(SPA_TYPE_Float, 4, 2))).channel_volumes, (std::vector<float>{0.5F, 0.5F}));
    EXPECT_EQ(parse_props(pod_in(volumes(SPA_TYPE_Float, 4, 100))).channel_volumes.size(), std::size_t{SPA_AUDIO_MAX_CHANNELS}) << "no more than there are channels";
}

// Copied by the size that the sender tells, each of these would be written far behind the place for 64 floats.
TEST(Pods, AnArrayWhoseElementsAreNoFloatsHasNoVolumes) {
    EXPECT_TRUE(parse_props(pod_in(volumes(SPA_TYPE_Float, 4096, 4))).channel_volumes.empty());
    EXPECT_TRUE(parse_props(pod_in(volumes(SPA_TYPE_Float, 8, 64))).channel_volumes.empty());
    EXPECT_TRUE(parse_props(pod_in(volumes(SPA_TYPE_Float, 0, 64))).channel_volumes.empty());
    EXPECT_TRUE(parse_props(pod_in(volumes(SPA_TYPE_Int, 4, 2))).channel_volumes.empty());
}

std::vector<std::uint64_t> format(std::uint32_t key, std::uint32_t choice, const std::vector<std::int32_t> &values, std::uint32_t cut = 0) {
    return object(SPA_TYPE_OBJECT_Format, SPA_PARAM_Format, key, [&](spa_pod_builder &builder) {
        spa_pod_frame frame{};
        spa_pod_builder_push_choice(&builder, &frame, choice, 0);
        for (const std::int32_t value : values) spa_pod_builder_int(&builder, value);
        auto *pod = static_cast<spa_pod *>(spa_pod_builder_pop(&builder, &frame));
        pod->size -= cut;
    });
}

TEST(Pods, TheRateOfAChoiceThatLeavesOneIsRead) {
    EXPECT_EQ(parse_format_rate(pod_in(format(SPA_FORMAT_AUDIO_rate, SPA_CHOICE_None, {44100}))), 44100U);
    EXPECT_EQ(parse_format_rate(pod_in(format(SPA_FORMAT_AUDIO_rate, SPA_CHOICE_Range, {44100, 1, 384000}))), 0U);
    EXPECT_EQ(parse_format_rate(pod_in(format(SPA_FORMAT_AUDIO_rate, SPA_CHOICE_None, {-1}))), 0U);
}

TEST(Pods, AChoiceThatEndsBeforeItsValuesHasNoRate) {
    for (const std::uint32_t cut : {4U, 8U, 16U}) EXPECT_EQ(parse_format_rate(pod_in(format(SPA_FORMAT_AUDIO_rate, SPA_CHOICE_None, {44100}, cut))), 0U) << cut;
}

std::vector<std::uint64_t> positions(std::int32_t channels, std::uint32_t size, const std::vector<std::uint32_t> &ids) {
    std::vector<std::uint64_t> memory(8192);
    spa_pod_builder builder = SPA_POD_BUILDER_INIT(memory.data(), static_cast<std::uint32_t>(memory.size() * 8));
    spa_pod_frame frame{};
    spa_pod_builder_push_object(&builder, &frame, SPA_TYPE_OBJECT_Format, SPA_PARAM_Format);
    spa_pod_builder_prop(&builder, SPA_FORMAT_AUDIO_channels, 0);
    spa_pod_builder_int(&builder, channels);
    spa_pod_builder_prop(&builder, SPA_FORMAT_AUDIO_position, 0);
    spa_pod_builder_array(&builder, size, SPA_TYPE_Id, static_cast<std::uint32_t>(ids.size() * sizeof(std::uint32_t) / size), ids.data());
    spa_pod_builder_pop(&builder, &frame);
    return memory;
}

TEST(Pods, PositionsAreThoseOfTheChannels) {
    EXPECT_EQ(parse_format_positions(pod_in(positions(2, 4, {SPA_AUDIO_CHANNEL_FL, SPA_AUDIO_CHANNEL_FR}))), (std::vector<std::string>{"FL", "FR"}));
    EXPECT_EQ(parse_format_positions(pod_in(positions(2, 4, {SPA_AUDIO_CHANNEL_MONO}))), (std::vector<std::string>{"MONO", "UNK"}));
    EXPECT_EQ(parse_format_positions(pod_in(positions(1'000'000, 4, {}))).size(), std::size_t{SPA_AUDIO_MAX_CHANNELS});
    EXPECT_TRUE(parse_format_positions(pod_in(positions(-1, 4, {SPA_AUDIO_CHANNEL_FL}))).empty());
}

TEST(Pods, AnArrayWhoseElementsAreNoIdsHasNoPositions) {
    EXPECT_EQ(parse_format_positions(pod_in(positions(1, 4096, std::vector<std::uint32_t>(4096)))), (std::vector<std::string>{"UNK"}));
}

} // namespace
} // namespace soundwarden::pipewire_adapter
