import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const gateway = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: "es2023",
    assetsInlineLimit: 0, // a data: address is not 'self' to the content security policy
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["index.html", "docs.html"] }, // the second is /api/docs/
    chunkSizeWarningLimit: 2000, // kilobytes: Swagger UI, which only /api/docs/ loads
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": gateway, "/ws": { target: gateway, ws: true } },
  },
  test: { include: ["tests/**/*.test.ts"] },
});
