#pragma once
#error "a program's own header came between"
