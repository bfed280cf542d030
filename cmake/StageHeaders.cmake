# include(StageHeaders) with `source` and `staging`: puts public_headers.txt and all that they
# include of ours into ${staging}/trackwire, with `#include "net/loop.h"` spelled as
# `#include <trackwire/net/loop.h>` and the macro CHECK, which test libraries have too, by a name
# that is ours.
cmake_policy(VERSION 3.25)  # cmake --install sets none
file(REMOVE_RECURSE ${staging})
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/public_headers.txt left)
set(done)
while(left)
  list(POP_FRONT left header)
  if(header IN_LIST done)
    continue()
  endif()
  list(APPEND done ${header})
  file(READ ${source}/${header} text)
  string(REGEX MATCHALL "\n#include \"[^\"]+\"" lines "\n${text}")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "\n#include \"([^\"]+)\"" "\\1" included "${line}")
    list(APPEND left ${included})
  endforeach()
  string(REGEX REPLACE "#include \"([^\"\n]+)\"" "#include <trackwire/\\1>" text "${text}")
  string(REGEX REPLACE "([^A-Za-z_])CHECK\\(" "\\1TRACKWIRE_CHECK(" text "${text}")
  file(WRITE ${staging}/trackwire/${header} "${text}")
endwhile()
