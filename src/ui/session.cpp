#include "ui/session.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "document/document_file.h"
#include "document/embedded_document.h"
#include "document/scenario_source.h"
#include "export/picture_state.h"
#include "files/file_error.h"
#include "files/image.h"

namespace tconv {

using std::int64_t;

void Player::set_playing(bool playing) {
  playing_ = playing;
  due_ = 0;
}

namespace {
constexpr std::array speeds{0.25, 0.5, 1.0, 2.0, 4.0, 8.0};
}

void Player::change_speed(bool faster) {
  const auto now = std::ranges::find(speeds, speed_);
  if (faster && now + 1 < speeds.end()) speed_ = *(now + 1);
  if (!faster && now > speeds.begin()) speed_ = *(now - 1);
}

void Player::cycle_speed() {
  speed_ = speed_ == speeds.back() ? speeds.front() : *(std::ranges::find(speeds, speed_) + 1);
}

int64_t Player::advanced(int64_t step, int64_t count, double seconds) {
  if (!playing_) return step;
  const double rate = std::max(1 / seconds_per_step, static_cast<double>(count) / longest_run) * speed_;
  due_ += std::min(seconds, 0.25) * rate;  // a window that was frozen does not leap
  const double whole = std::floor(due_);
  due_ -= whole;
  step = std::min(count, step + static_cast<int64_t>(whole));
  if (step == count) set_playing(false);
  return step;
}

Session::Session(std::function<void()> wake, const std::filesystem::path& state_folder, LargeMapDeviceSource device)
    : results_(std::move(wake), std::move(device)), recent_(state_folder) {
  hold_ends();
}

void Session::commit(Document document, std::string label) {
  history_.commit(std::move(document), std::move(label));
  message_ = {};
}

void Session::undo() {
  if (!history_.can_undo()) return say("Nothing to undo");
  const std::string label = history_.undo_label();
  history_.undo();
  say("Undone: " + label);
}

void Session::redo() {
  if (!history_.can_redo()) return say("Nothing to redo");
  const std::string label = history_.redo_label();
  history_.redo();
  say("Done again: " + label);
}

void Session::set_scenario(const Scenario& scenario, const std::string& label) {
  Document changed = document();
  changed.scenario = scenario;
  commit(std::move(changed), label);
}

void Session::set_layer(const LayerSpec& layer, const std::string& label) {
  Document changed = document();
  changed.scenario.layer = layer;
  commit(std::move(changed), label);
}

namespace {

/// The array `shown`, with one element changed, as a pattern. Own values that reach beyond what is shown keep the rest:
/// a slider may bring it back.
Pattern with_element(const Pattern& pattern, const Tensor& shown, std::int64_t flat, float value) {
  const Shape& all = pattern.values.shape();
  bool covers = pattern.id == "custom" && all.rank() == shown.shape().rank();
  for (int axis = 0; covers && axis < all.rank(); ++axis) covers = all[axis] >= shown.shape()[axis];
  if (!covers) return custom_pattern(shown.with(flat, value));
  std::int64_t position = 0;
  std::int64_t scale = 1;
  for (int axis = all.rank() - 1; axis >= 0; --axis) {
    position += flat % shown.shape()[axis] * scale;
    flat /= shown.shape()[axis];
    scale *= all[axis];
  }
  return custom_pattern(pattern.values.with(position, value));
}

}  // namespace

void Session::set_cell(const Tag& cell, float value) {
  const Results& now = results();
  // A slider or a file may have taken the cell away while its number was typed.
  if (now.pending) return say_error("The result is still being computed: type the number again when it is there");
  if (!now.ready() || !exists(now.scenario.layer, cell)) return;
  if (cell_value(cell) == value) return;  // a pattern stays a pattern when nothing is changed
  Document changed = document();
  Scenario& scenario = changed.scenario;
  if (const auto* input = std::get_if<InputCell>(&cell)) {
    scenario.input = with_element(scenario.input, now.input, flat_input(scenario.layer, input->cell), value);
    commit(std::move(changed), "Input cell");
  } else if (const auto* tap = std::get_if<KernelTap>(&cell)) {
    const int64_t flat = flat_weight(scenario.layer, tap->in_channel, tap->out_channel, tap->tap);
    scenario.kernel = with_element(scenario.kernel, now.weight, flat, value);
    commit(std::move(changed), "Kernel tap");
  } else if (const auto* grad = std::get_if<GradOutputCell>(&cell); grad != nullptr && now.ways) {
    const int64_t flat = flat_output(scenario.layer, grad->cell);
    scenario.grad_output = with_element(scenario.grad_output, now.ways->grad_output, flat, value);
    commit(std::move(changed), "Gradient of an output cell");
  }
}

float Session::cell_value(const Tag& cell) {
  const Results& now = results();
  if (!now.ready() || !exists(now.scenario.layer, cell)) return 0;
  const LayerSpec& layer = now.scenario.layer;
  if (const auto* input = std::get_if<InputCell>(&cell)) return now.input[flat_input(layer, input->cell)];
  if (const auto* tap = std::get_if<KernelTap>(&cell)) {
    return now.weight[flat_weight(layer, tap->in_channel, tap->out_channel, tap->tap)];
  }
  if (const auto* grad = std::get_if<GradOutputCell>(&cell); grad != nullptr && now.ways) {
    return now.ways->grad_output[flat_output(layer, grad->cell)];
  }
  return 0;
}

void Session::replace_document(Document document, OpenFile file, const std::string& label) {
  if (history_.can_undo() || history_.can_redo() || modified()) {
    files_.push_back(std::move(file));
    history_.open(std::move(document), label, files_.size() - 1);
  } else {
    history_ = History(std::move(document));  // nothing of the user's was there that undo could bring back
    files_ = {std::move(file)};
  }
  unsaved_.reset();
  interaction_ = {};
  at_end_ = own_at_end_ = true;
  hold_ends();
  player_.set_playing(false);
  message_ = {};
}

namespace {
bool is_built_in(const std::string& name) {
  const auto scenarios = built_in_scenarios();
  return std::ranges::find(scenarios, name, &BuiltInScenario::id) != scenarios.end();
}
}  // namespace

bool Session::open(const std::filesystem::path& path) {
  if (is_built_in(path.string()) || is_scenario_name(path)) return open_scenario(path.string());
  const std::optional<bool> opened = open_picture(path);
  return opened ? *opened : open_input(path);
}

std::optional<bool> Session::open_picture(const std::filesystem::path& path) {
  bool holds_none = false;
  const bool read = reads(path, [&] {
    std::optional<Document> document = read_embedded_document(path);
    holds_none = !document;
    if (holds_none) return;
    // The picture is no place to save to.
    OpenFile file{.path = {}, .name = path.stem().string(), .saved = *document};
    const std::string label = "Open " + path.filename().string();
    replace_document(*std::move(document), std::move(file), label);
    if (const auto shown = read_picture_state(path)) {
      show(shown->view);
      interaction_ = shown->interaction;
      seek(shown->step.value_or(step_count()));
    }
    say("The scenario in " + path.filename().string());
  });
  return holds_none ? std::nullopt : std::optional(read);
}

bool Session::reads(const std::filesystem::path& path, const std::function<void()>& read) {
  try {
    read();
    return true;
  } catch (const FileError& error) {
    say_error(error.what());
  } catch (const std::bad_alloc&) {
    say_error(path.string() + ": not enough memory to hold it");
  }
  return false;
}

bool Session::open_scenario(const std::string& name_or_path) {
  return reads(name_or_path, [&] {
    const std::filesystem::path path(name_or_path);
    OpenFile file{.path = {}, .name = path.filename().string(), .saved = {}};
    std::error_code error;
    if (is_built_in(name_or_path) || !std::filesystem::is_regular_file(path, error)) {
      // An example, or a pipe: nothing that could be saved to. A wrong name is explained there, too.
      file.saved = load_document(name_or_path);
    } else {
      auto [document, fingerprint] = read_stored_document(path);
      file.path = std::filesystem::absolute(path, error).lexically_normal();
      file.saved = std::move(document);
      file.fingerprint = fingerprint;
      recent_.add(file.path);
    }
    Document document = *file.saved;
    const std::string label = "Open " + file.name;
    replace_document(std::move(document), std::move(file), label);
  });
}

bool Session::open_input(const std::filesystem::path& path) {
  return reads(path, [&] {
    Document changed = document();
    const Tensor array = read_array(path);
    changed.scenario = with_input(changed.scenario, array, path.string());
    if (looks_like_image(path)) changed.presentation.color_map = "grey";
    commit(std::move(changed), "Input from " + path.filename().string());
    interaction_.viewport = {};
    interaction_.hover = {};
    seek(step_count());
    recent_.add(path);
    say("Input: " + path.filename().string() + ", " + array.shape().text());
  });
}

bool Session::open_kernel(const std::filesystem::path& path) {
  return reads(path, [&] {
    Document changed = document();
    const Tensor array = read_array(path);
    changed.scenario = with_kernel(changed.scenario, array, path.string());
    commit(std::move(changed), "Kernel from " + path.filename().string());
    interaction_.hover = {};
    say("Kernel: " + path.filename().string() + ", " + array.shape().text());
  });
}

void Session::show(std::string_view view_id) {
  const View* next = find_view(view_id);
  if (next == nullptr || next == view_) return;
  view_ = next;
  own_at_end_ = true;
  player_.set_playing(false);
  hold_ends();
}

int64_t Session::step_count() const {
  const bool countable = view_->timeline != Timeline::own || validate(scenario()).empty();
  return countable ? tconv::step_count(*view_, scenario()) : 0;
}

void Session::seek(int64_t step) {
  const int64_t count = step_count();
  const bool own = view_->timeline == Timeline::own;
  (own ? interaction_.own_step : interaction_.step) = std::clamp<int64_t>(step, 0, count);
  (own ? own_at_end_ : at_end_) = this->step() == count;
}

void Session::hold_ends() {
  const int64_t stamps = tconv::step_count(scenario());
  interaction_.step = at_end_ ? stamps : std::min(interaction_.step, stamps);
  if (view_->timeline != Timeline::own) return;
  const int64_t own = step_count();
  interaction_.own_step = own_at_end_ ? own : std::min(interaction_.own_step, own);
}

void Session::tick(double seconds) {
  if (!player_.playing()) return;
  if (!validate(scenario()).empty()) return player_.set_playing(false);
  seek(player_.advanced(step(), step_count(), seconds));
}

void Session::play_from_start() {
  seek(0);
  player_.set_playing(true);
}

void Session::toggle_play() {
  if (step_count() == 0 || !validate(scenario()).empty()) return say("This layer has no output to paint");
  if (!player_.playing() && step() >= step_count()) seek(0);
  player_.set_playing(!player_.playing());
}

const Results& Session::results() {
  interaction_ = clamped(interaction_, scenario());
  hold_ends();
  return results_.at(scenario(), interaction_.step, view_->needs(interaction_));
}

const Results& Session::wait_for_results() {
  results();
  results_.wait_for(scenario(), interaction_.step, view_->needs(interaction_));
  return results();
}

namespace {

constexpr int64_t largest_copies = int64_t{1} << 28;  // numbers

/// (a, b, spatial…) for an array that may lack leading axes: rank 1 and 2 are one map.
Shape with_leading_axes(const Tensor& array, const std::string& name, std::string_view what) {
  const Shape& shape = array.shape();
  if (shape.rank() == 0 || array.empty()) throw FileError(name, "holds no numbers that could be " + std::string(what));
  if (shape.rank() == 1) return Shape{1, 1, shape[0]};
  if (shape.rank() == 2) return Shape{1, 1, shape[0], shape[1]};
  return shape;
}

/// One bare kernel (1, 1, spatial…) for every pair of channels.
Tensor for_every_pair(const LayerSpec& layer, const Tensor& kernel, const std::string& name) {
  Shape all = kernel.shape();
  all[0] = layer.in_channels;
  all[1] = layer.out_channels / std::max<int64_t>(1, layer.groups);
  const auto elements = all.checked_elements();
  if (!elements || *elements == 0 || *elements > largest_copies) {
    throw FileError(name,
                    "one kernel cannot serve " + std::to_string(layer.in_channels) + " → " +
                        std::to_string(layer.out_channels) + " channels",
                    "change the channels first, or name an array with channels");
  }
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(*elements));
  while (static_cast<int64_t>(values.size()) < *elements) {
    values.insert(values.end(), kernel.values().begin(), kernel.values().end());
  }
  return {all, std::move(values)};
}

}  // namespace

Scenario with_input(Scenario scenario, const Tensor& array, const std::string& name) {
  const Shape shape = with_leading_axes(array, name, "an input");
  LayerSpec& layer = scenario.layer;
  layer.dims = shape.rank() - 2;
  layer.batch = shape[0];
  if (layer.in_channels != shape[1]) {
    layer.in_channels = shape[1];
    const bool colour = shape[1] == 3 && layer.dims == 2;
    layer.groups = colour ? 3 : 1;
    if (colour) layer.out_channels = 3;
  }
  for (int axis = 0; axis < layer.dims; ++axis) layer.axes[static_cast<std::size_t>(axis)].input = shape[axis + 2];
  scenario.input = custom_pattern(array.reshaped(shape));
  return with_fitting_ranks(std::move(scenario));
}

Scenario with_kernel(Scenario scenario, const Tensor& array, const std::string& name) {
  const Shape shape = with_leading_axes(array, name, "a kernel");
  LayerSpec& layer = scenario.layer;
  layer.dims = shape.rank() - 2;
  if (array.shape().rank() > 2) {
    if (layer.groups < 1 || shape[0] % layer.groups != 0) layer.groups = 1;  // a file may hold an illegal layer
    layer.in_channels = shape[0];
    layer.out_channels = shape[1] * layer.groups;
    scenario.kernel = custom_pattern(array);
  } else {
    scenario.kernel = custom_pattern(for_every_pair(layer, array.reshaped(shape), name));
  }
  for (int axis = 0; axis < layer.dims; ++axis) layer.axes[static_cast<std::size_t>(axis)].kernel = shape[axis + 2];
  return with_fitting_ranks(std::move(scenario));
}

}  // namespace tconv
