# The stylesheet, the script and the views' Go are committed as built, so Go alone makes the program.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X moothall/app.version=$VERSION" -o /out/moothall . \
 && mkdir /out/data

# Nothing but the program: time zones and the catalogue are inside it, certificates beside it.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/moothall /moothall
ENV MOOTHALL_ENV=production MOOTHALL_ADDR=:8080 MOOTHALL_DATA=/data
USER 65532:65532
EXPOSE 8080
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["/moothall", "health"]
ENTRYPOINT ["/moothall"]
