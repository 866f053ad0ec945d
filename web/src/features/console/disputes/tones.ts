import type { DisputeState } from '@/api/generated'
import type { Tone } from '@/components/tag'

export const TONES: Record<DisputeState, Tone> = {
  draft: 'waiting',
  submitted: 'plain',
  won: 'good',
  lost: 'bad',
  withdrawn: 'plain',
  expired: 'bad',
}
