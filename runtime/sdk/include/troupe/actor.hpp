#pragma once

#include <troupe/async.hpp>
#include <troupe/class_info.hpp>
#include <troupe/context.hpp>
#include <troupe/message.hpp>
#include <troupe/reply.hpp>

#include <concepts>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace troupe {

/// The base of every actor. An object lives in one node, is touched by one thread at a time (its turn), and handles one
/// message after the other. It is made by its class's table, bound to a context, and destroyed by the engine.
class actor {
public:
  actor() = default;
  actor(const actor&) = delete;
  actor& operator=(const actor&) = delete;
  virtual ~actor() = default;

  /// Before the first message and before the creation is answered. An exception, or a late end, undoes the creation.
  virtual async<> pre_run() { return {}; }
  /// Instead of `pre_run`, after the actor arrived on another node with its state.
  virtual async<> moved() { return {}; }
  /// After the last message; gets the configured time (4 s), then it is cut off.
  virtual async<> exit() { return {}; }

  /// State that is not a parameter, as JSON; it moves and is kept with the parameters.
  virtual json save() const { return nullptr; }
  /// Takes what `save` gave. An exception refuses the move or the restart that hands it over.
  virtual void restore(const json&) {}

  /// Why this actor cannot move now, in words for people ("its run goes on"); empty: it can. What stays behind with the
  /// old object in any case: functions given to `after`, posters, and connections of its own, which `moved` makes anew.
  virtual std::string stays() const { return {}; }

  /// Called for a command that the class does not name.
  virtual reply unknown(const message&) { return reply::not_handled(); }

  context& ctx() const noexcept { return *context_; }

  /// The engine's (and a test's) way to bind the actor; not for actors.
  void bind(context* where) noexcept { context_ = where; }

private:
  context* context_ = nullptr;
};

namespace detail {

template <class T>
struct unwrap_optional : std::false_type {
  using type = T;
};
template <class T>
struct unwrap_optional<std::optional<T>> : std::true_type {
  using type = T;
};

template <class T>
std::string param_type() {
  using inner = typename unwrap_optional<T>::type;
  std::string name = std::same_as<inner, bool>         ? "boolean"
                     : std::is_integral_v<inner>       ? "integer"
                     : std::is_floating_point_v<inner> ? "number"
                     : std::is_convertible_v<inner, std::string> && !std::same_as<inner, json> ? "string"
                                                                                               : "json";
  return unwrap_optional<T>::value ? name + "?" : name;
}

template <class T>
std::optional<std::string> check_param(const json& value) {
  using inner = typename unwrap_optional<T>::type;
  if (unwrap_optional<T>::value && value.is_null()) {
    return std::nullopt;
  }
  bool fits = true;
  if constexpr (std::same_as<inner, json>) {
    fits = true;
  } else if constexpr (std::same_as<inner, bool>) {
    fits = value.is_boolean();
  } else if constexpr (std::is_integral_v<inner>) {
    fits = value.is_number_integer() && (std::is_signed_v<inner> || value.is_number_unsigned());
  } else if constexpr (std::is_floating_point_v<inner>) {
    fits = value.is_number();
  } else if constexpr (std::same_as<inner, std::string>) {
    fits = value.is_string();
  } else {
    try {
      (void)value.get<inner>();
    } catch (const std::exception&) {
      fits = false;
    }
  }
  return fits ? std::nullopt : std::optional<std::string>(param_type<T>());
}

template <class T>
json param_to_json(const T& value) {
  if constexpr (unwrap_optional<T>::value) {
    return value ? json(*value) : json(nullptr);
  } else {
    return json(value);
  }
}

template <class T>
void param_from_json(T& target, const json& value) {
  if constexpr (unwrap_optional<T>::value) {
    if (value.is_null()) {
      target.reset();
    } else {
      target = value.get<typename unwrap_optional<T>::type>();
    }
  } else if constexpr (std::same_as<T, json>) {
    target = value;
  } else {
    target = value.get<T>();
  }
}

template <class T>
struct is_async : std::false_type {};
template <class T>
struct is_async<async<T>> : std::true_type {};

/// `async<void>` handlers answer `done`.
inline async<reply> with_done(async<void> inner) {
  co_await std::move(inner);
  co_return reply::done();
}

} // namespace detail

/// Fills the table of class `T`; used in `static void describe(troupe::class_builder<T>&)`.
template <class T>
class class_builder {
public:
  explicit class_builder(class_info& info) : info_(info) {}

  class_builder& doc(std::string text) {
    info_.doc = std::move(text);
    return *this;
  }

  /// The state is checkpointed at this interval too, not only by `set_params` and `context::checkpoint`.
  class_builder& checkpoint_every(seconds interval) {
    info_.checkpoint_every_s = interval.count();
    return *this;
  }

  /// A command and its handler: a member function without arguments or with `const message&`, that gives `reply`,
  /// `void`, `async<reply>` or `async<>`.
  template <class R, class... Args>
  class_builder& on(std::string command, R (T::*handler)(Args...), std::string doc = {}) {
    return add(std::move(command), handler, std::move(doc), false);
  }

  /// As `on`, but while the handler waits the actor takes other messages.
  template <class R, class... Args>
  class_builder& on_reentrant(std::string command, R (T::*handler)(Args...), std::string doc = {}) {
    return add(std::move(command), handler, std::move(doc), true);
  }

  /// A parameter kept in a member. `std::optional` members take null.
  template <class V>
  class_builder& param(std::string name, V T::*member, std::string doc = {}) {
    info_.params.push_back(param_info{
      std::move(name), detail::param_type<V>(), std::move(doc),
      [member](const actor& self) { return detail::param_to_json(static_cast<const T&>(self).*member); },
      [](const json& value) { return detail::check_param<V>(value); },
      [member](actor& self, const json& value) { detail::param_from_json(static_cast<T&>(self).*member, value); }});
    return *this;
  }

private:
  template <class R, class... Args>
  class_builder& add(std::string command, R (T::*handler)(Args...), std::string doc, bool reentrant) {
    info_.commands[std::move(command)] = command_info{
      [handler](actor& self, const message& what) -> outcome {
        auto& target = static_cast<T&>(self);
        try {
          auto call = [&]() -> R {
            if constexpr (sizeof...(Args) == 0) {
              return (target.*handler)();
            } else {
              return (target.*handler)(what);
            }
          };
          if constexpr (std::is_void_v<R>) {
            call();
            return reply::done();
          } else if constexpr (std::same_as<R, async<void>>) {
            return detail::with_done(call());
          } else {
            return call();
          }
        } catch (const std::exception& problem) {
          return reply::thrown(problem.what());
        } catch (...) {
          return reply::thrown("an exception of unknown type");
        }
      },
      reentrant, std::move(doc)};
    return *this;
  }

  class_info& info_;
};

/// Makes the table of `T`, which has a public `static void describe(class_builder<T>&)`. `make` builds the objects;
/// built-in classes use it to hand in what they need from the program.
template <std::derived_from<actor> T>
class_info describe_class(std::string name, std::function<std::unique_ptr<actor>()> make = [] {
  return std::unique_ptr<actor>(std::make_unique<T>());
}) {
  class_info info;
  info.name = std::move(name);
  info.make = std::move(make);
  class_builder<T> builder{info};
  T::describe(builder);
  return info;
}

} // namespace troupe
