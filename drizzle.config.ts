import { defineConfig } from 'drizzle-kit';

/** `npm run migrations:generate` compares the schema with the last migration and writes the next. */
export default defineConfig({
  dialect: 'sqlite',
  schema: './src/repository/schema/sqlite.ts',
  out: './migrations/sqlite',
});
