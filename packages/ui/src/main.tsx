import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { keepLive } from './frame/live.ts'
import { queries } from './frame/queries.ts'
import { applyTheme } from './frame/settings.ts'
import './frame/styles.css'
import { router } from './router.tsx'

applyTheme()
keepLive(queries, new AbortController().signal)
createRoot(document.querySelector('#app')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
