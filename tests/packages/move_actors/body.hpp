#pragma once

#include <troupe/message.hpp>

#include <string>

namespace move_actors {

/// The field of an object, or `otherwise` if the body has none of a fitting type. Test actors are lenient: what matters
/// is that they answer.
template <class T>
T field(const troupe::message& what, const char* name, T otherwise) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains(name)) {
    return otherwise;
  }
  try {
    return body.at(name).get<T>();
  } catch (const troupe::json::exception&) {
    return otherwise;
  }
}

inline troupe::json any_field(const troupe::message& what, const char* name) {
  const auto& body = what.body();
  return body.is_object() && body.contains(name) ? body.at(name) : troupe::json();
}

} // namespace move_actors
