# cmake -DFROM=file -DTO=file.cc -DNAME=symbol -P embed.cmake: the text of FROM as a constant in the
# namespace trackwire::api.
file(READ ${FROM} text)
file(WRITE ${TO} "namespace trackwire::api {\n
extern const char ${NAME}[];
const char ${NAME}[] = R\"embedded(${text})embedded\";\n
}  // namespace trackwire::api\n")
