// Written for oneDNN 2.x.
#include <omp.h>

#include <dnnl.hpp>
#include <utility>

#include "peers/contender.h"

namespace tconv::bench {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

constexpr double longest_reference = 3e8;  // operations: its plain loops take seconds for more

/// An array that the primitive takes or gives, in the plain layout and in the one that it asked for.
struct Argument {
  int id;
  memory plain;
  memory own;
  bool differs() const { return plain.get_desc() != own.get_desc(); }
};

class OneDnn {
 public:
  OneDnn(const Case& of, Direction direction, int threads, Arrays& arrays)
      : of_(of), direction_(direction), threads_(threads), arrays_(arrays) {
    const LayerSpec& layer = of.layer;
    const auto& rows = layer.axes[0];
    const auto& columns = layer.axes[1];
    source_ = {layer.batch, layer.in_channels, rows.input, columns.input};
    destination_ = {layer.batch, layer.out_channels, output_size(rows), output_size(columns)};
    weights_ = {layer.out_channels / layer.groups, layer.in_channels / layer.groups, rows.kernel, columns.kernel};
    if (layer.groups > 1) weights_.insert(weights_.begin(), layer.groups);
    strides_ = {rows.stride, columns.stride};
    dilations_ = {rows.dilation - 1, columns.dilation - 1};
    begin_ = {rows.padding_begin, columns.padding_begin};
    end_ = {rows.padding_end - rows.output_padding, columns.padding_end - columns.output_padding};
  }

  /// `tag`: the layout of the maps; `converted`: from and to plain ones in every run.
  Contender contender(const std::string& method, Tag tag, bool converted) {
    const dnnl::primitive primitive = make(tag);
    const auto pd = primitive.get_primitive_desc();
    const char* how = nullptr;
    if (dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, &how) != dnnl_success) how = "";
    if (std::string_view(how).find("ref") != std::string_view::npos && of_.operations() > longest_reference) {
      throw dnnl::error(dnnl_unimplemented, "only its reference loops can");
    }
    for (Argument& in : inputs_) dnnl::reorder(in.plain, in.own).execute(stream_, in.plain, in.own);
    if (direction_ != Direction::dw) dnnl::reorder(fixed_.plain, fixed_.own).execute(stream_, fixed_.plain, fixed_.own);
    stream_.wait();

    std::vector<std::pair<dnnl::reorder, Argument>> before;
    memory own = result_.own;
    memory plain = result_.plain;
    std::unordered_map<int, memory> arguments;
    for (const Argument& in : inputs_) {
      const bool each_time = converted && in.differs();
      if (each_time) before.emplace_back(dnnl::reorder(in.plain, in.own), in);
      arguments[in.id] = converted && !each_time ? in.plain : in.own;
    }
    if (direction_ != Direction::dw) arguments[fixed_.id] = fixed_.own;
    const bool after = converted && result_.differs();
    const bool written_plain = converted && !after;
    arguments[result_.id] = written_plain ? plain : own;
    const dnnl::reorder back(own, plain);
    const bool plain_maps = tag == Tag::nchw || (tag == Tag::nhwc && one_channel());
    const std::int64_t size = of_.result_shape(direction_).elements();
    return {.method = method,
            .how = how,
            .plain = converted || (plain_maps && (direction_ != Direction::dw || !result_.differs())),
            .runtime = Runtime::openmp,
            .threads = threads_,
            .run =
                [=, keep = kept_, stream = stream_, threads = threads_]() mutable {
                  omp_set_num_threads(threads);
                  for (auto& [reorder, in] : before) reorder.execute(stream, in.plain, in.own);
                  primitive.execute(stream, arguments);
                  if (after) back.execute(stream, own, plain);
                  stream.wait();
                  return true;
                },
            .fetch =
                [=, stream = stream_](float* to) mutable {
                  if (!written_plain) back.execute(stream, own, plain);
                  stream.wait();
                  const auto* floats = static_cast<const float*>(plain.get_data_handle());
                  std::copy(floats, floats + size, to);
                }};
  }

 private:
  static memory::desc described(const memory::dims& dims, Tag tag) { return {dims, memory::data_type::f32, tag}; }
  /// Its layout is a plain one whichever axis is called the channels'.
  bool one_channel() const { return of_.layer.in_channels == 1 && of_.layer.out_channels == 1; }
  Tag plain_weights() const { return of_.layer.groups > 1 ? Tag::giohw : Tag::iohw; }

  memory in_place(const memory::desc& desc, const float* data) { return {desc, engine_, const_cast<float*>(data)}; }
  memory buffer(const memory::desc& desc, const std::string& name) {
    const auto array = arrays_.get(name, static_cast<std::int64_t>((desc.get_size() + 3) / 4));
    kept_.push_back(array);
    return in_place(desc, array->data());
  }

  Argument source(int id, const memory::desc& own, const std::string& where) {
    return {id, in_place(described(source_, Tag::nchw), of_.input.data()), buffer(own, "source" + where)};
  }
  Argument gradient(int id, const memory::desc& own, const std::string& where) {
    return {id, in_place(described(destination_, Tag::nchw), of_.grad_output.data()), buffer(own, "gradient" + where)};
  }
  Argument weights(int id, const memory::desc& own) {
    const auto array = std::make_shared<FloatBuffer>(static_cast<std::int64_t>((own.get_size() + 3) / 4));
    kept_.push_back(array);
    return {id, in_place(described(weights_, plain_weights()), of_.weight.data()), in_place(own, array->data())};
  }
  Argument result(int id, const memory::desc& own, const memory::dims& dims, Tag plain, const std::string& where) {
    return {id, buffer(described(dims, plain), "plain"), buffer(own, "result" + where)};
  }

  dnnl::primitive make(Tag tag) {
    inputs_.clear();
    kept_.clear();
    const auto maps_in = described(source_, tag);
    const auto maps_out = described(destination_, tag);
    const auto any_weights = described(weights_, Tag::any);
    const auto direct = dnnl::algorithm::deconvolution_direct;
    const auto kind =
        direction_ == Direction::forward ? dnnl::prop_kind::forward_inference : dnnl::prop_kind::forward_training;
    const dnnl::deconvolution_forward::primitive_desc forward(
        {kind, direct, maps_in, any_weights, maps_out, strides_, dilations_, begin_, end_}, engine_);
    // What another implementation likes best may be another layout.
    const std::string where = "onednn" + std::to_string(static_cast<int>(tag)) + forward.impl_info_str();
    if (direction_ == Direction::forward) {
      inputs_.push_back(source(DNNL_ARG_SRC, forward.src_desc(), where));
      fixed_ = weights(DNNL_ARG_WEIGHTS, forward.weights_desc());
      result_ = result(DNNL_ARG_DST, forward.dst_desc(), destination_, Tag::nchw, where);
      return dnnl::deconvolution_forward(forward);
    }
    if (direction_ == Direction::dx) {
      const dnnl::deconvolution_backward_data::primitive_desc backward(
          {direct, maps_in, any_weights, maps_out, strides_, dilations_, begin_, end_}, engine_, forward);
      inputs_.push_back(gradient(DNNL_ARG_DIFF_DST, backward.diff_dst_desc(), where));
      fixed_ = weights(DNNL_ARG_WEIGHTS, backward.weights_desc());
      result_ = result(DNNL_ARG_DIFF_SRC, backward.diff_src_desc(), source_, Tag::nchw, where);
      return dnnl::deconvolution_backward_data(backward);
    }
    const dnnl::deconvolution_backward_weights::primitive_desc backward(
        {direct, maps_in, any_weights, maps_out, strides_, dilations_, begin_, end_}, engine_, forward);
    inputs_.push_back(source(DNNL_ARG_SRC, backward.src_desc(), where));
    inputs_.push_back(gradient(DNNL_ARG_DIFF_DST, backward.diff_dst_desc(), where));
    result_ = result(DNNL_ARG_DIFF_WEIGHTS, backward.diff_weights_desc(), weights_, plain_weights(), where);
    return dnnl::deconvolution_backward_weights(backward);
  }

  const Case& of_;
  Direction direction_;
  int threads_;
  Arrays& arrays_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  memory::dims source_, destination_, weights_, strides_, dilations_, begin_, end_;
  std::vector<Argument> inputs_;
  Argument fixed_;  // the weights, except where they are the result
  Argument result_;
  std::vector<std::shared_ptr<FloatBuffer>> kept_;
};

}  // namespace

std::vector<Contender> onednn_contenders(const Case& of, Direction direction, int threads, Arrays& arrays) {
  struct Variant {
    const char* method;
    Tag tag;
    bool converted;
  };
  constexpr Variant variants[] = {{"onednn_native", Tag::any, false},
                                  {"onednn_native_reorders", Tag::any, true},
                                  {"onednn_nhwc", Tag::nhwc, false},
                                  {"onednn_nhwc_reorders", Tag::nhwc, true},
                                  {"onednn_nchw_direct", Tag::nchw, false}};
  omp_set_num_threads(threads);  // how it cuts the work up depends on it
  // It would take N, C, y, x with one channel for N, y, x, C, and what it chose for the one for the other.
  dnnl::set_primitive_cache_capacity(0);
  OneDnn onednn(of, direction, threads, arrays);
  std::vector<Contender> contenders;
  for (const Variant& variant : variants) {
    try {
      contenders.push_back(onednn.contender(variant.method, variant.tag, variant.converted));
    } catch (const dnnl::error& error) {
      std::fprintf(stderr, "%s, %s: %s\n", of.name.c_str(), variant.method, error.what());
    }
  }
  return contenders;
}

}  // namespace tconv::bench
