#pragma once

#include "web/routes/http_types.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string>
#include <string_view>

namespace troupe {

/// A request's head as we see it.
http_request read_request_head(const boost::beast::http::request<boost::beast::http::string_body>& message);

/// One chunk of chunked coding; `piece` is not empty.
std::string chunk_of(std::string_view piece);

} // namespace troupe
