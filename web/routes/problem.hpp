#pragma once

#include "web/routes/http_types.hpp"

#include <troupe/message.hpp>
#include <troupe/result.hpp>

#include <string>

namespace troupe {

/// An error answer as `application/problem+json` (RFC 9457).
http_response problem(unsigned status, std::string detail);

/// The status of an error: what `error_code` means over HTTP.
unsigned http_status(error_code code) noexcept;
http_response problem(const error& why);

/// What an actor's answer means when it is not the one that was hoped for (`timer`, `bad_request`, …).
http_response problem_of_answer(const message& answer, const std::string& attempted);

/// The same with another status than the answer would have by itself.
http_response problem_of_answer(unsigned status, const message& answer, const std::string& attempted);

/// A whole JSON answer.
http_response json_response(unsigned status, const json& body);

const char* reason_phrase(unsigned status) noexcept;

} // namespace troupe
