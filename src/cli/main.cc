#include "cli/commands.h"

int main(int argc, char** argv) { return trackwire::cli::Main(argc, argv); }
