"""GPT-NeoX in a few lines, and its form in `transformers`."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class Config:
    def __init__(self, vocabulary=8192, layers=8, width=128, heads=4, inner=512, context=2048, rotary=0.25):
        self.vocabulary, self.layers, self.width, self.heads = vocabulary, layers, width, heads
        self.inner, self.context, self.rotary = inner, context, rotary
        self.head_size = width // heads
        self.rotary_size = int(self.head_size * rotary)


class Rotation:
    def __init__(self, config):
        size = config.rotary_size
        frequencies = 1.0 / 10000 ** (torch.arange(0, size, 2).float() / size)
        angles = torch.outer(torch.arange(config.context).float(), frequencies)
        self.cosine, self.sine, self.size = angles.cos().repeat(1, 2), angles.sin().repeat(1, 2), size

    def __call__(self, x):
        T, half = x.shape[2], self.size // 2
        turned, rest = x[..., :self.size], x[..., self.size:]
        swapped = torch.cat([-turned[..., half:], turned[..., :half]], -1)
        return torch.cat([turned * self.cosine[:T].to(x.dtype) + swapped * self.sine[:T].to(x.dtype), rest], -1)


class Block(nn.Module):
    def __init__(self, config, rotation):
        super().__init__()
        C = config.width
        self.heads, self.rotation = config.heads, rotation
        self.attention_norm, self.mlp_norm = nn.LayerNorm(C, 1e-5), nn.LayerNorm(C, 1e-5)
        self.query, self.key, self.value, self.output = (nn.Linear(C, C) for _ in range(4))
        self.up, self.down = nn.Linear(C, config.inner), nn.Linear(config.inner, C)

    def forward(self, x):
        B, T, C = x.shape
        normed = self.attention_norm(x)
        query, key, value = (
            p(normed).view(B, T, self.heads, C // self.heads).transpose(1, 2)
            for p in (self.query, self.key, self.value))
        query, key = self.rotation(query), self.rotation(key)
        if T >= 512:
            mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        else:
            # By hand: on a CPU faster than PyTorch's fused attention for short sequences.
            query, key, value = (y.reshape(B * self.heads, T, -1) for y in (query, key, value))
            future = torch.full((T, T), -1e4, dtype=query.dtype).triu(1).expand(B * self.heads, T, T)
            scores = torch.baddbmm(future, query, key.transpose(1, 2), alpha=1 / math.sqrt(query.shape[-1]))
            mixed = torch.bmm(scores.softmax(-1), value).view(B, self.heads, T, -1)
        x = x + self.output(mixed.transpose(1, 2).reshape(B, T, C))
        return x + self.down(F.gelu(self.up(self.mlp_norm(x))))


class Model(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        rotation = Rotation(config)
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.blocks = nn.ModuleList(Block(config, rotation) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width, 1e-5)

    def forward(self, ids, keep=None):
        """The normed stream (B, T, C), and the stream after block `keep`."""
        x, kept = self.embedding(ids), None
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index == keep:
                kept = x
        return self.norm(x), kept

    def logits(self, hidden):
        return hidden @ self.embedding.weight.T


def initialise(model, seed=0):
    """Attention starts as what it often becomes: heads look a fixed step back, or for what is alike
    (query and key maps equal), and hand on what they read (the output map is the transpose of the value
    map), after "Mimetic initialization of self-attention layers" (Trockman & Kolter, 2023)."""
    torch.manual_seed(seed)
    config = model.config
    C, H, d = config.width, config.heads, config.head_size
    scale, half = 0.05, config.rotary_size // 2
    frequencies = 1.0 / 10000 ** (torch.arange(0, config.rotary_size, 2).float() / config.rotary_size)

    def orthogonal():
        return torch.linalg.qr(torch.randn(C, C))[0]

    def look_back(block, head, steps, strengths):
        """Scores by position alone: largest where the key stands that many steps before the query."""
        rows = slice(head * d, (head + 1) * d)
        block.query.weight.data[rows] *= 0.1
        block.key.weight.data[rows] *= 0.1
        query, key = block.query.bias.data[rows], block.key.bias.data[rows]
        for f, strength in enumerate(strengths[:half]):
            angle = steps * frequencies[f]
            query[f] = strength
            key[f], key[f + half] = strength * math.cos(angle), strength * math.sin(angle)

    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0, 1 / math.sqrt(module.in_features))
            nn.init.zeros_(module.bias)
    nn.init.normal_(model.embedding.weight, 0, scale)
    for block in model.blocks:
        block.down.weight.data.mul_(scale / math.sqrt(2 * config.layers))
    lowest = [(1, (6, 8, 20)), (2, (6, 8, 20)), (3, (3, 8, 20)), (3, (0, 8, 20)), (6, (0, 5, 20)), None]
    for layer, block in enumerate(model.blocks):
        alike, copied = orthogonal(), orthogonal()
        block.query.weight.data.copy_(alike + 0.02 * torch.randn(C, C))
        block.key.weight.data.copy_(alike + 0.02 * torch.randn(C, C))
        block.value.weight.data.copy_(copied)
        block.output.weight.data.copy_(0.5 * scale * copied.T)
        for head in range(H):
            steps = lowest[head % 6] if layer < 2 else (1, (6, 8, 20)) if head == 0 else None
            if steps:
                look_back(block, head, *steps)


def exported(model):
    """State of GPTNeoXForCausalLM."""
    config, state = model.config, {}
    H, d, C = config.heads, config.head_size, config.width

    def fused(parts):
        return torch.stack([p.view(H, d, *p.shape[1:]) for p in parts], 1).reshape(3 * C, *parts[0].shape[1:])
    for i, b in enumerate(model.blocks):
        p = f"gpt_neox.layers.{i}."
        for name, module in (
            ("input_layernorm", b.attention_norm), ("post_attention_layernorm", b.mlp_norm),
            ("attention.dense", b.output), ("mlp.dense_h_to_4h", b.up), ("mlp.dense_4h_to_h", b.down)):
            state[p + name + ".weight"], state[p + name + ".bias"] = module.weight.data, module.bias.data
        for part in ("weight", "bias"):
            state[p + "attention.query_key_value." + part] = fused(
                [getattr(m, part).data for m in (b.query, b.key, b.value)])
    state["gpt_neox.embed_in.weight"] = model.embedding.weight.data
    state["gpt_neox.final_layer_norm.weight"] = model.norm.weight.data
    state["gpt_neox.final_layer_norm.bias"] = model.norm.bias.data
    return state


def settings(config):
    """config.json of GPTNeoXForCausalLM."""
    return {
        "architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "vocab_size": config.vocabulary,
        "hidden_size": config.width, "num_hidden_layers": config.layers, "num_attention_heads": config.heads,
        "intermediate_size": config.inner, "hidden_act": "gelu", "rotary_pct": config.rotary,
        "rotary_emb_base": 10000, "max_position_embeddings": config.context, "layer_norm_eps": 1e-5,
        "use_parallel_residual": False, "attention_bias": True, "tie_word_embeddings": True,
        "bos_token_id": 0, "eos_token_id": 0, "torch_dtype": "float16",
        "attention_dropout": 0.0, "hidden_dropout": 0.0, "use_cache": True,
    }
