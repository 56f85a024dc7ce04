/**
 * The commands that guides show and no test runs, as `commandsOf` reads them, each with the reason. Whatever a guide
 * shows besides is run: commands.test.ts fails for a command that is neither, and for one here that is in no guide.
 */
export const notRun: Readonly<Record<string, string>> = {
  'git clone <this repository> keyfold && cd keyfold': 'the repository has no public address yet',
  'npm ci': 'has installed what these tests run on',
  'npm ci && npm test': 'runs these tests',
  'npm test': 'runs these tests',
  'npm run fix': 'would change the working tree',
  'npm run test:watch': 'runs these tests, and never ends',
  'npm run test:watch -- --project postgres test/sdk': 'runs other tests, and never ends',
  'npm run migrations:sqlite -- --name what-changes': 'would write into migrations/',
  'npm run migrations:postgres -- --name what-changes': 'would write into migrations/',
  'npm run bench': 'takes too long; test/bench runs parts of it with --quick',
  'npm run bench -- keys search': 'takes too long; test/bench runs parts of it with --quick',
  'npm run bench -- keys --quick': 'test/bench runs parts with --quick',
  'npm run torture -- ownership': 'takes too long; test/torture runs a few cycles of each scenario',
  'npm run torture -- ownership --database sqlite --cycles 10 --seed 7':
    'takes too long; test/torture runs a few cycles of each scenario',
  'aws customer-profiles search-profiles --domain-name customers --key-name _phone --values 555-333-7777':
    'the AWS CLI does not come with npm ci; test/sdk sends the same by the SDK',
  'aws customer-profiles search-profiles --domain-name customers --key-name _account --values 1000 | jq -c . >> recorded.ndjson':
    'the AWS CLI does not come with npm ci; the file is written by hand, and imported',
  'litestream replicate -config /etc/litestream.yml': 'Litestream does not come with npm ci',
  'litestream restore -config /etc/litestream.yml -o /tmp/restored.db /var/lib/keyfold/keyfold.db':
    'Litestream does not come with npm ci; a backup takes the place of the file',
  'pg_dump --format=custom --file=keyfold.dump "$KEYFOLD_DATABASE"':
    "PostgreSQL's programs for clients do not come with npm ci",
  'createdb restored': "PostgreSQL's programs for clients do not come with npm ci",
  'pg_restore --exit-on-error --no-owner --dbname=postgres://…/restored keyfold.dump':
    "PostgreSQL's programs for clients do not come with npm ci",
  'KEYFOLD_DATABASE=postgres://…/restored npm run keyfold -- check':
    'names no server; test/postgres checks a database on one',
  'KEYFOLD_DATABASE=postgres://keyfold:secret@db.example.com:5432/keyfold npm start':
    'there is no such server; test/postgres starts services on one',
  'docker compose -f deploy/compose.postgres.yaml run --rm keyfold credentials create --user crm':
    'takes a container engine',
  'docker compose -f deploy/compose.postgres.yaml up -d --wait': 'takes a container engine',
  'docker compose -f deploy/compose.sqlite.yaml run --rm keyfold credentials create --user crm':
    'takes a container engine',
  'docker compose -f deploy/compose.sqlite.yaml up -d --wait': 'takes a container engine',
  'kubectl apply -f deploy/kubernetes.yaml': 'takes a cluster',
  'cd /opt/keyfold && sudo npm ci && sudo npm run build': 'would change the machine',
  'sudo useradd --system --home-dir /var/lib/keyfold --shell /usr/sbin/nologin keyfold':
    'would change the machine',
  'sudo install -d /etc/keyfold && sudo install -d -o keyfold -g keyfold -m 700 /var/lib/keyfold':
    'would change the machine',
  "sudo sh -c 'umask 077 && openssl rand -base64 32 > /etc/keyfold/keyfold.key && chown keyfold: /etc/keyfold/keyfold.key'":
    'would change the machine',
  'sudo -u keyfold env KEYFOLD_DATABASE=/var/lib/keyfold/keyfold.db KEYFOLD_CREDENTIALS_KEY_FILE=/etc/keyfold/keyfold.key node_modules/node/bin/node dist/keyfold/start.js credentials create --user crm':
    'would change the machine',
  'sudo cp deploy/keyfold.service /etc/systemd/system/': 'would change the machine',
  'sudo systemctl daemon-reload && sudo systemctl enable --now keyfold': 'would change the machine',
  'docker compose -f deploy/compose.sqlite.yaml exec keyfold keyfold backup /data/keyfold-1.db':
    'takes a container engine',
  'docker compose -f deploy/compose.sqlite.yaml cp keyfold:/data/keyfold-1.db /backups/':
    'takes a container engine',
  'docker compose -f deploy/compose.sqlite.yaml exec keyfold rm /data/keyfold-1.db':
    'takes a container engine',
  'sudo chown 1000:1000 keyfold.key postgres.url': 'would change the machine',
  'docker compose -f deploy/compose.postgres.yaml build': 'takes a container engine',
  'sudo chown 1000:1000 keyfold.key': 'would change the machine',
  'docker compose -f deploy/compose.sqlite.yaml build': 'takes a container engine',
  'docker buildx build --platform linux/amd64,linux/arm64 -t registry.example.com/keyfold:VERSION --push .':
    'takes a container engine',
  'kubectl create secret generic keyfold --from-file=credentials-key=keyfold.key --from-file=database=postgres.url':
    'takes a cluster',
  'kubectl apply -f deploy/kubernetes-commands.yaml': 'takes a cluster',
  'kubectl wait --for=condition=Ready pod/keyfold-commands': 'takes a cluster',
  'kubectl exec keyfold-commands -- keyfold credentials create --user crm': 'takes a cluster',
  'kubectl delete pod keyfold-commands': 'takes a cluster',
  'kubectl rollout status deployment/keyfold': 'takes a cluster',
};
