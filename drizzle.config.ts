import { defineConfig } from 'drizzle-kit';

/** `npm run migrations:sqlite` compares the schema with the last migration and writes the next; `npm
 * run migrations:postgres` does the same for PostgreSQL. */
export default defineConfig({
  dialect: 'sqlite',
  schema: './src/repository/schema/sqlite.ts',
  out: './migrations/sqlite',
});
