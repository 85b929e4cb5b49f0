#include "heavy_actors.hpp"

#include "body.hpp"

#include <chrono>
#include <random>
#include <stdexcept>

#include <time.h>

namespace move_actors {

using troupe::json;
using troupe::message;
using troupe::reply;

namespace {

double clock_s(clockid_t which) {
  timespec time{};
  clock_gettime(which, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::uint64_t sum_of(const std::string& bytes) {
  std::uint64_t sum = 14695981039346656037u; // FNV-1a
  for (const auto c : bytes) {
    sum = (sum ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  return sum;
}

} // namespace

void ball::describe(troupe::class_builder<ball>& builder) {
  builder.doc("Jumps from node to node.")
    .param("period", &ball::period_, "Seconds between two jumps")
    .param("jumps", &ball::jumps_)
    .param("problem", &ball::problem_)
    .on("start", &ball::start, "-> started")
    .on("jump", &ball::jump)
    .on("where", &ball::where, "-> here {node, jumps, problem, …}")
    .on("accepted", &ball::note_accepted);
}

reply ball::start() {
  // A ticker goes along with the actor, and tries again if a jump was refused.
  ctx().add_ticker({.period = troupe::seconds{period_}, .delay = troupe::seconds{period_}, .name = "jump",
                    .command = "jump"});
  return "started";
}

troupe::async<> ball::jump() {
  history_.active();
  const auto answer = co_await ctx().ask(ctx().head(), "get_all_nodes", nullptr, troupe::seconds{4});
  std::vector<std::string> others;
  if (answer->is("all_nodes")) {
    for (const auto& node : answer->body()) {
      if (node != ctx().node()) {
        others.push_back(node);
      }
    }
  }
  if (!others.empty()) {
    static thread_local std::mt19937 random{std::random_device{}()};
    jump_to(others[random() % others.size()]);
  }
}

void ball::jump_to(const std::string& node) {
  ++jumps_;
  const auto sent = ctx().send({.recipient = ctx().node(),
                                .command = "recreate_actor",
                                .body = json{{"entity", ctx().name()}, {"node", node}},
                                .timeout = troupe::seconds{8},
                                .sender = ctx().self()});
  if (!sent) {
    problem_ = sent.error().text;
  }
}

reply ball::where() {
  json out = identity(ctx(), births(), moves());
  out.update({{"jumps", jumps_}, {"problem", problem_}});
  return {"here", std::move(out)};
}

void ball::note_accepted() {}

void burner::describe(troupe::class_builder<burner>& builder) {
  builder.doc("Uses up CPU time.")
    .param("remaining_time", &burner::remaining_, "Seconds of CPU that are left")
    .param("burns", &burner::burns_, "Whether it burns now")
    .on("start", &burner::start, "-> started")
    .on("left", &burner::left, "-> left {remaining_time, burns, …}");
}

burner::~burner() {
  halt();
}

troupe::async<> burner::exit() {
  halt();
  return {};
}

void burner::halt() {
  stopping_ = true;
  if (thread_.joinable()) {
    thread_.join();
  }
}

reply burner::start() {
  burns_ = true;
  burn();
  return "started";
}

troupe::async<> burner::moved() {
  if (burns_) {
    burn();
  }
  return witness::moved();
}

void burner::burn() {
  if (thread_.joinable()) {
    return;
  }
  constexpr double piece_s = 0.02;
  thread_ = std::thread([this, post = ctx().make_poster()] {
    while (!stopping_) {
      const auto begin = clock_s(CLOCK_THREAD_CPUTIME_ID);
      while (!stopping_ && clock_s(CLOCK_THREAD_CPUTIME_ID) - begin < piece_s) {
      }
      const auto used = clock_s(CLOCK_THREAD_CPUTIME_ID) - begin;
      post([this, used] {
        remaining_ = std::max(0.0, remaining_ - used);
        if (remaining_ <= 0) {
          burns_ = false;
          stopping_ = true;
        }
      });
    }
  });
}

reply burner::left() {
  json out = identity(ctx(), births(), moves());
  out.update({{"remaining_time", remaining_}, {"burns", burns_}});
  return {"left", std::move(out)};
}

void ballast::describe(troupe::class_builder<ballast>& builder) {
  builder.doc("A large state.")
    .param("held_until", &ballast::held_until_)
    .param("held_at", &ballast::held_at_)
    .param("first_hit", &ballast::first_hit_)
    .param("first_hit_at", &ballast::first_hit_at_)
    .param("hits", &ballast::hits_)
    .on("load", &ballast::load, "{size} -> loaded")
    .on("weigh", &ballast::weigh, "-> weight {size, whole, hits, …where it is}")
    .on("hold", &ballast::hold, "{seconds}: messages wait meanwhile; the time of its end is kept")
    .on("hit", &ballast::hit, "one message; the first one after `hold` notes its time")
    .on("pause", &ballast::pause, "-> pause {seconds, held_at, first_hit_at, hits}: from the end of `hold` to the next hit");
}

json ballast::save() const {
  json out = witness::save();
  out.update({{"load", load_}, {"sum", sum_}});
  return out;
}

void ballast::restore(const json& state) {
  witness::restore(state);
  load_ = state.at("load");
  sum_ = state.at("sum");
  if (sum_of(load_) != sum_) {
    throw std::runtime_error("the load has changed on its way");
  }
}

reply ballast::load(const message& what) {
  load_.assign(field<std::size_t>(what, "size", 0), ' ');
  std::uint32_t state = 0x2545F491u;
  for (auto& c : load_) {
    state = state * 1664525u + 1013904223u;
    c = static_cast<char>(' ' + (state >> 24) % 90);
  }
  sum_ = sum_of(load_);
  return "loaded";
}

reply ballast::weigh() {
  json out = identity(ctx(), births(), moves());
  out.update({{"size", load_.size()}, {"whole", sum_of(load_) == sum_}, {"hits", hits_}});
  return {"weight", std::move(out)};
}

troupe::async<> ballast::hold(const message& what) {
  first_hit_ = 0;
  hits_ = 0;
  co_await ctx().sleep(troupe::seconds{field(what, "seconds", 0.1)});
  held_at_ = ctx().node();
  held_until_ = clock_s(CLOCK_MONOTONIC);
}

void ballast::hit(const message& what) {
  if (what.body().is_object() && what.body().contains("stream")) {
    note_received(what);
  }
  ++hits_;
  if (first_hit_ == 0) {
    first_hit_ = clock_s(CLOCK_MONOTONIC);
    first_hit_at_ = ctx().node();
  }
}

reply ballast::pause() {
  return {"pause", json{{"seconds", first_hit_ - held_until_},
                        {"held_at", held_at_},
                        {"first_hit_at", first_hit_at_},
                        {"hits", hits_}}};
}

} // namespace move_actors
