# syntax=docker/dockerfile:1
# Keyfold on Debian slim, for linux/amd64 and linux/arm64:
#   docker buildx build --platform linux/amd64,linux/arm64 -t keyfold .

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
RUN mkdir /data && chown node:node /data
ENV NODE_ENV=production \
  KEYFOLD_HOST=0.0.0.0
USER node
# The default database is ./data/keyfold.db.
WORKDIR /
VOLUME /data
EXPOSE 4577
# Node fetches it: there is no curl here. Ready means that the database answers.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.KEYFOLD_PORT || 4577) + '/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/keyfold/node_modules/keyfold/dist/keyfold/start.js"]
CMD ["serve"]
