import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const gateway = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: "es2023",
    assetsInlineLimit: 0, // a data: address is not 'self' to the content security policy
    modulePreload: { polyfill: false },
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": gateway, "/ws": { target: gateway, ws: true } },
  },
  test: { include: ["tests/**/*.test.ts"] },
});
