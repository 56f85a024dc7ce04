# syntax=docker/dockerfile:1
# Keyfold on Debian slim. For this machine:
#
#   docker build -t keyfold .
#
# For linux/amd64 and linux/arm64; an image of both goes to a registry, as the engine's own store may not
# take it:
#
#   docker buildx build --platform linux/amd64,linux/arm64 -t registry.example.com/keyfold:VERSION --push .
#
# It writes to /data, where SQLite's database is, and nowhere else; with PostgreSQL it writes nothing. So the
# rest can be read-only, as in deploy/. To run it so by hand, once there are credentials (docs/production.md):
#
#   docker run --read-only --cap-drop ALL --security-opt no-new-privileges --stop-timeout 12 \
#     -v keyfold:/data -v "$PWD/keyfold.key:/run/secrets/keyfold_key:ro" \
#     -e KEYFOLD_CREDENTIALS_KEY_FILE=/run/secrets/keyfold_key -p 127.0.0.1:4577:4577 keyfold

FROM node:24-bookworm-slim AS build
WORKDIR /keyfold
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
# The package is what is served, so that the image and npm have the same files.
RUN npm pack --pack-destination /tmp \
  && mkdir /image \
  && npm install --prefix /image --omit=dev --no-audit --no-fund /tmp/keyfold-*.tgz

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Keyfold" \
  org.opencontainers.image.description="A self-hosted Customer Profiles service" \
  org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build --chown=root:root /image/node_modules /keyfold/node_modules
# What Node compiles at a start is kept in the image, so that containers needn't do it again. The user of later
# starts makes it: Node has a folder for each user, version and kind of processor, and where one of them is
# another, starts compile. Then the files become root's, since whoever can write them can run code.
RUN mkdir /data && chown node:node /data \
  && cache=/keyfold/node_modules/keyfold/dist/compile-cache \
  && install --directory --owner=node "$cache" \
  && setpriv --reuid=node --regid=node --clear-groups node /keyfold/node_modules/keyfold/dist/keyfold/start.js --help > /dev/null \
  && chown -R root:root "$cache" && chmod -R a+rX "$cache"
# What SQLite sorts when a migration makes an index is as large as a table: not for /tmp, which may be memory
# or read-only.
ENV NODE_ENV=production \
  PATH=$PATH:/keyfold/node_modules/.bin \
  SQLITE_TMPDIR=/data \
  KEYFOLD_HOST=0.0.0.0
USER node
# The default database is ./data/keyfold.db.
WORKDIR /
VOLUME /data
EXPOSE 4577
# Node fetches it: there is no curl here. Ready means that the database answers. A host and a port that are
# set by the variables are known here; by options of serve they are not. A connection to 0.0.0.0 or :: is one
# to this machine.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "require('node:http').get({ host: process.env.KEYFOLD_HOST, port: process.env.KEYFOLD_PORT || 4577, path: '/health/ready' }, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
ENTRYPOINT ["node", "/keyfold/node_modules/keyfold/dist/keyfold/start.js"]
CMD ["serve"]
