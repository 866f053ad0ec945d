import type { ApprovalState } from '@/api/generated'
import type { Tone } from '@/components/tag'

export const TONES: Record<ApprovalState, Tone> = {
  proposed: 'waiting',
  approved: 'good',
  applied: 'good',
  rejected: 'bad',
  withdrawn: 'plain',
  expired: 'plain',
}
